import {
  formatVkey,
  hex,
  NoteError,
  parseCheckpoint,
  parseNote,
  parseVkey,
  readRotation,
  same,
  successionDigest,
  SUCCESSION_QUORUM,
  SUCCESSION_ROLE,
  SUCCESSION_ROLE_HOURS,
  verifyNote,
  type Checkpoint,
  type EntryDetail,
  type Succession,
} from '@firebreak/audit-log'
import type { Actor } from './actor.js'
import { entry, plain } from './audit.js'
import { Refused, type RefusalCode } from './refused.js'
import { grantsOf } from './roles.js'
import type { Request, RoleGrant, Vote } from './rows.js'
import { time, type World } from './world.js'

/** What the domain has to know of the log. Real: the schema `audit`. */
export abstract class LogState {
  /** The vkeys with which this log has signed, oldest first; the last one is in force. */
  abstract keys(): Promise<string[]>
  /** How many entries the newest published checkpoint covers, and how many have a place in the log. */
  abstract reach(): Promise<{ published: number; leaves: number }>
  /** Root of the first `size` of those that have a place. */
  abstract rootAt(size: number): Promise<Uint8Array>
}

/** What is asked for. `checkpoint`: the newest one of the old log that anybody holds, as a signed note. */
export interface SuccessorWish {
  checkpoint: string
  new_origin: string
  reason: string
  /** Details of the rotations between the key that this database knows and the one that signed the checkpoint. */
  rotations: readonly EntryDetail<'log.key-rotated'>[]
}

/** The succession that a request asks for. */
export const successionOf = ({ body, id, reason }: Pick<Request, 'body' | 'id' | 'reason'>): Succession => {
  const { new_origin, old_origin, old_root, old_size } = body as unknown as Omit<Succession, 'reason' | 'request'>
  return { old_origin, old_size, old_root, new_origin, reason, request: id }
}

export type SuccessorState = 'asked' | 'refused' | 'approved' | 'succeeded'

/** What the votes came to; whether it has happened is in the log's keys. */
export function successorState(asked: Succession, votes: readonly Vote[], keys: readonly string[]): SuccessorState {
  if (keys.some((vkey) => parseVkey(vkey).name === asked.new_origin)) return 'succeeded'
  if (votes.some(({ decision }) => decision === 'no')) return 'refused'
  const yes = votes.filter(({ digest }) => digest === successionDigest(asked))
  return yes.length >= SUCCESSION_QUORUM ? 'approved' : 'asked'
}

/** Why this person may not decide about this successor now, or undefined when they may. Asked by screens, too. */
export function whyNotVote(
  request: Pick<Request, 'by'>,
  state: SuccessorState,
  votes: readonly Vote[],
  by: Actor,
  grants: readonly RoleGrant[],
  now: Date,
): { code: RefusalCode; reason: string; who?: string[] } | undefined {
  const who = [SUCCESSION_ROLE]
  if (by.kind !== 'person')
    return { code: 'service-cannot-approve', reason: 'A successor is approved by people, not by a service.', who }
  const grant = grants.find(({ role }) => role === SUCCESSION_ROLE)
  if (!grant) return { code: 'not-your-role', reason: `A successor is approved by ${SUCCESSION_ROLE}.`, who }
  const old = new Date(grant.since).getTime() + SUCCESSION_ROLE_HOURS * 60 * 60_000
  if (old > now.getTime())
    return {
      code: 'role-too-young',
      reason: `You are ${SUCCESSION_ROLE} since ${grant.since}: ${SUCCESSION_ROLE_HOURS} hours are asked for.`,
      who,
    }
  if (request.by === by.id)
    return { code: 'own-plan', reason: 'A successor is approved by others than who asked for it.', who }
  if (votes.some((vote) => vote.by === by.id))
    return { code: 'already-decided', reason: 'You have decided about this successor.' }
  if (state !== 'asked') return { code: 'already-decided', reason: `This successor is ${state}.` }
  return undefined
}

/** The way on for a log whose database was lost: asking for a successor, and two others who approve exactly that. */
export class Successors {
  constructor(
    private readonly world: World,
    private readonly log: LogState,
  ) {}

  /** Asks for a successor. Refused unless the checkpoint is this log's, and reaches at least as far as what is here. */
  async ask(by: Actor, wish: SuccessorWish): Promise<Request> {
    const { origin, root, size } = await this.known(wish)
    const keys = (await this.log.keys()).map(parseVkey)
    if (!/^[^\s+\p{Cc}]{1,180}$/u.test(wish.new_origin) || keys.some(({ name }) => name === wish.new_origin))
      throw new Refused('malformed', 'A successor has a name of its own.', [
        { pointer: '/new_origin', message: 'expected a name without spaces and "+" that this log has not had' },
      ])
    const id = this.world.newId('scr')
    const reason = plain(wish.reason)
    const body = { old_origin: origin, old_size: size, old_root: hex(root), new_origin: wish.new_origin }
    const request: Request = {
      id,
      kind: 'successor',
      subject: wish.new_origin,
      body,
      incident_id: null,
      by: by.id,
      reason,
      at: time(this.world.now()),
    }
    const stream = `successor:${id}`
    await this.world.ledger.write(async (books) => {
      await books.lock({ stream: [stream] })
      await books.requests.add(request)
      books.audit.append(
        entry(by, stream, 'successor.requested', `request:${id}`, {
          outcome: 'ok',
          ...(reason ? { reason } : {}),
          detail: { request: id, ...body, digest: successionDigest(successionOf(request)) },
        }),
      )
    })
    return request
  }

  /** Records one person's yes or no to exactly what they read. The second yes is enough; the sequencer counts again. */
  async decide(by: Actor, id: string, vote: { digest: string; decision: 'yes' | 'no'; note: string }): Promise<Vote> {
    const keys = await this.log.keys()
    return this.world.ledger.write(async (books) => {
      const stream = `successor:${id}`
      await books.lock({ stream: [stream] })
      const request = await books.requests.get(id)
      if (request?.kind !== 'successor') throw new Refused('not-found', `There is no request ${id} for a successor.`)
      const votes = await books.votes.where({ request_id: id })
      const told = votes.find((one) => one.by === by.id)
      // The same decision told twice is one decision: a client that lost the answer may ask again.
      if (told && told.digest === vote.digest && told.decision === vote.decision) return told
      const asked = successionOf(request)
      const grants = await grantsOf(books, by.id)
      const no = whyNotVote(request, successorState(asked, votes, keys), votes, by, grants, this.world.now())
      if (no) throw new Refused(no.code, no.reason)
      const digest = successionDigest(asked)
      if (vote.digest !== digest)
        throw new Refused('stale', `You read ${vote.digest}; the request is ${digest}. Read it again.`)
      const row: Vote = {
        id: this.world.newId('vot'),
        request_id: id,
        by: by.id,
        decision: vote.decision,
        digest,
        note: vote.note,
        at: time(this.world.now()),
      }
      await books.votes.add(row)
      const { new_origin, old_origin } = asked
      books.audit.append(
        entry(by, stream, vote.decision === 'yes' ? 'successor.approved' : 'successor.refused', `vote:${row.id}`, {
          outcome: vote.decision === 'yes' ? 'ok' : 'refused',
          ...(vote.note ? { reason: vote.note } : {}),
          detail: { request: id, old_origin, new_origin, decision: vote.decision, digest },
        }),
      )
      return row
    })
  }

  /** The checkpoint that was brought, held against what this database still knows of the log. */
  private async known({ checkpoint: source, rotations }: SuccessorWish): Promise<Checkpoint> {
    const keys = await this.log.keys()
    const last = keys.at(-1)
    if (last === undefined) throw new Refused('not-found', 'This log has not begun: there is nothing to succeed.')
    const checkpoint = signedBy(source, last, rotations)
    const { leaves, published } = await this.log.reach()
    if (checkpoint.size < published)
      throw new Refused(
        'stale',
        `That checkpoint covers ${checkpoint.size} entries; ${published} are published here. Bring the newest one that anybody holds.`,
      )
    if (checkpoint.size <= leaves && !same(await this.log.rootAt(checkpoint.size), checkpoint.root))
      throw new Refused(
        'out-of-scope',
        `The first ${checkpoint.size} entries here are not those of that checkpoint: one of the two was changed. Find out which before anything succeeds.`,
      )
    return checkpoint
  }
}

function signedBy(source: string, vkey: string, rotations: SuccessorWish['rotations']): Checkpoint {
  let pointer = '/checkpoint'
  try {
    const note = parseNote(source)
    const checkpoint = parseCheckpoint(note.text)
    let key = parseVkey(vkey)
    for (const [i, detail] of rotations.entries()) {
      pointer = `/rotations/${i}`
      const rotation = readRotation(detail)
      if (formatVkey(rotation.old) !== formatVkey(key)) throw new NoteError('key', 'it hands over another key')
      key = rotation.new
    }
    pointer = '/checkpoint'
    if (checkpoint.origin !== key.name)
      throw new NoteError('note', `it is of ${checkpoint.origin}, this log is ${key.name}`)
    verifyNote(note, [key])
    return checkpoint
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
    throw new Refused('malformed', `That is no checkpoint of this log: ${error.message}.`, [
      { pointer, message: 'expected a note signed with the key in force' },
    ])
  }
}
