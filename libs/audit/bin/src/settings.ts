import { settingsOf } from '@firebreak/settings'
import { levels } from '@firebreak/telemetry'
import { z } from 'zod'

/** What the two programs of the log read from their environment, and what each of it means. */

const file = z.string().min(1)
const level = z.enum(levels, `must be one of ${levels.join(', ')}`).default('info')
const LINES = `From what on lines are written to standard output: ${levels.join(', ')}.`
const address = (protocol: RegExp) => z.url({ protocol, error: 'must be an address' })

export const sequencerEnvironment = z.object({
  DATABASE_URL: address(/^postgres(ql)?$/),
  FIREBREAK_LOG_KEY_FILE: file,
  FIREBREAK_LOG_OLD_KEY_FILE: file.optional(),
  FIREBREAK_NOTARY_URL: address(/^https?$/),
  FIREBREAK_NOTARY_VKEY_FILE: file,
  FIREBREAK_LOG_LEVEL: level,
})
export const sequencerSettings = settingsOf(sequencerEnvironment, {
  DATABASE_URL: ['password', 'The Postgres of the record, as `fb_sequencer`.'],
  FIREBREAK_LOG_KEY_FILE: 'The key that signs the log’s checkpoints.',
  FIREBREAK_LOG_OLD_KEY_FILE: 'While the log changes its key: the one before.',
  FIREBREAK_NOTARY_URL: ['password', 'The notary, who cosigns.'],
  FIREBREAK_NOTARY_VKEY_FILE: 'Whose cosignature counts; read again at each checkpoint.',
  FIREBREAK_LOG_LEVEL: LINES,
})

export const notaryEnvironment = z.object({
  FIREBREAK_NOTARY_DIR: file,
  FIREBREAK_NOTARY_PORT: z.coerce.number('must be a port').int('must be a port').min(0).max(65_535, 'must be a port'),
  FIREBREAK_NOTARY_NAME: z.string().min(1).default('firebreak.local/notary'),
  FIREBREAK_LOG_VKEY_FILE: file,
  FIREBREAK_LOG_LEVEL: level,
})
export const notarySettings = settingsOf(notaryEnvironment, {
  FIREBREAK_NOTARY_DIR:
    'Its own folder: its key, and what it has cosigned. In earnest on another machine, with another administrator.',
  FIREBREAK_NOTARY_PORT: 'Where it listens, on 127.0.0.1.',
  FIREBREAK_NOTARY_NAME: 'The name of its key, when it makes one.',
  FIREBREAK_LOG_VKEY_FILE: 'Whose checkpoints it cosigns, a verifier key a line; read again when it changes.',
  FIREBREAK_LOG_LEVEL: LINES,
})

/** Throws an Error with a line for each variable that is missing or wrong; values are not repeated. */
export function readEnvironment<Schema extends z.ZodObject>(schema: Schema, env: NodeJS.ProcessEnv): z.output<Schema> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = schema.safeParse(set)
  if (parsed.success) return parsed.data
  const lines = parsed.error.issues.map(({ message, path }) => {
    const name = path.join('.')
    return set[name] === undefined ? `${name} is missing` : `${name} ${message}`
  })
  throw new Error(lines.join('\n'))
}
