import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { readVkeyFile } from '@firebreak/audit-store'
import { formatVkey, type VerifierKey } from '@firebreak/audit-log'
import { freePort } from '../processes.js'
import { runToEnd } from '../service.js'
import { Victim } from './victim.js'
import { Witness } from './witness.js'

/** The log's own programs as they are built: notary and sequencers, and between them a witness. */
export interface LogPrograms {
  notary: Victim
  sequencers: Victim[]
  witness: Witness
  logKey: VerifierKey
  notaryKey: VerifierKey
  /** The auditor's policy file. */
  policy: string
  stop(): Promise<void>
}

export async function startLog(
  databaseUrl: string,
  folder: string,
  { sequencers: many }: { sequencers: number },
): Promise<LogPrograms> {
  const [keys, notaryDir, logs] = ['keys', 'notary', 'logs'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  for (const dir of [keys, notaryDir, logs]) mkdirSync(dir, { recursive: true, mode: 0o700 })
  await runToEnd({ name: 'keygen', args: ['libs/audit/bin/dist/keygen.js', keys], env: {} }, logs)
  const port = await freePort()
  const notary = new Victim(
    {
      name: 'notary',
      args: ['libs/audit/bin/dist/notary.js'],
      env: {
        FIREBREAK_NOTARY_DIR: notaryDir,
        FIREBREAK_NOTARY_PORT: String(port),
        FIREBREAK_LOG_VKEY_FILE: join(keys, 'log.vkey'),
      },
    },
    logs,
  )
  await notary.start()
  const logKey = readVkeyFile(join(keys, 'log.vkey'))
  const notaryKey = readVkeyFile(join(notaryDir, 'notary.vkey'))
  const witness = new Witness(`http://127.0.0.1:${port}`, logKey)
  const witnessUrl = await witness.listen()
  const sequencers = Array.from(
    { length: many },
    (_, number) =>
      new Victim(
        {
          name: `sequencer-${number + 1}`,
          args: ['libs/audit/bin/dist/sequencer.js'],
          env: {
            DATABASE_URL: databaseUrl,
            FIREBREAK_LOG_KEY_FILE: join(keys, 'log.key'),
            FIREBREAK_NOTARY_URL: witnessUrl,
            FIREBREAK_NOTARY_VKEY_FILE: join(notaryDir, 'notary.vkey'),
          },
        },
        logs,
      ),
  )
  await Promise.all(sequencers.map((one) => one.start()))
  return {
    notary,
    sequencers,
    witness,
    logKey,
    notaryKey,
    policy: `log ${formatVkey(logKey)}\nwitness notary ${formatVkey(notaryKey)}\nquorum notary\n`,
    async stop() {
      await Promise.all(sequencers.map((one) => one.stop()))
      await notary.stop()
      witness.close()
    },
  }
}
