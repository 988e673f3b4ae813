import type { Shape } from '@firebreak/client'
import { Ended, EXIT, usage } from '../exits.js'
import type { Session } from '../session.js'

/** What somebody can say yes or no to: a plan, or a pass through the glass for one. */
export interface Decidable {
  id: string
  state: string
  digest: string | null
  because?: string | null
  to_type: string | null
}

/** `sha256:` and so many hex digits are enough to mean one plan. */
const SHORTEST = 12

/** The API would say the same; it is said before anybody is asked to confirm. */
export function insist({ code, ok, reason }: Shape<'May'>): void {
  if (!ok) throw new Ended(EXIT.refused, reason ?? 'you may not', code ?? 'not-your-role')
}

/** The digest to send. Throws Ended where there is nothing to decide, or another plan than the one that was read. */
export function digestOf(it: Decidable, wanted: string | undefined): string {
  if (it.digest === null)
    throw new Ended(
      EXIT.refused,
      `${it.id} is ${it.state}${it.because ? `: ${it.because}` : ''}; there is nothing to decide`,
      it.state === 'requested' ? 'in-progress' : 'superseded',
    )
  if (wanted === undefined) return it.digest
  const hex = wanted.replace(/^sha256:/, '')
  if (!/^[0-9a-f]+$/.test(hex) || hex.length < SHORTEST || hex.length > 64)
    throw usage(`--digest is sha256: and 64 hex digits, or at least the first ${SHORTEST} of them`)
  if (!it.digest.startsWith(`sha256:${hex}`))
    throw new Ended(EXIT.refused, `${it.id} is not what you read: its digest is ${it.digest}. Read it again.`, 'stale')
  return it.digest
}

/** Whether a yes can be said here at all: with `--yes` and the digest of what was read, or by somebody at a terminal. */
export function insistOnSomebody(
  session: Session,
  { digest, yes }: { digest: string | undefined; yes: boolean },
): void {
  if (yes && !digest) throw usage('--yes needs --digest: a yes is to exactly what somebody has read')
  if (!yes && !session.outside.person.there)
    throw usage('nobody can be asked here, for this is no terminal. Read it first, then give --yes --digest <digest>')
}

/**
 * What has to come along as `typed`, undefined where nothing has. With `--yes` it must have been given; else it is asked for:
 * arm, look again, confirm. Throws Ended (1) for anything but a confirmation, (3) when it changed meanwhile.
 */
export async function consent(
  session: Session,
  read: Decidable,
  { typed, yes }: { typed: string | undefined; yes: boolean },
  again: () => Promise<Decidable>,
): Promise<string | undefined> {
  if (!yes) typed = await confirm(session, read, again)
  else if (read.to_type !== null && typed !== read.to_type)
    throw usage(`this cannot be taken back: --typed must be exactly ${read.to_type}`)
  return read.to_type === null ? undefined : typed
}

async function confirm(session: Session, read: Decidable, again: () => Promise<Decidable>): Promise<string> {
  const { person } = session.outside
  const not = () => new Ended(EXIT.bad, 'not confirmed; nothing was sent', 'not-confirmed')
  if ((await person.ask(`\nTo arm your yes to ${read.id}, type arm: `))?.trim() !== 'arm') throw not()
  const now = await again()
  if (now.digest !== read.digest || now.state !== read.state)
    throw new Ended(
      EXIT.refused,
      `${read.id} is ${now.state} now, and was ${read.state} when you read it. Read it again.`,
      'stale',
    )
  const wanted = read.to_type ?? 'yes'
  const why = read.to_type === null ? 'To confirm' : 'It cannot be taken back. To confirm'
  const typed = (await person.ask(`${why}, type ${wanted}: `))?.trim()
  if (typed !== wanted) throw not()
  return typed
}
