import { hex, same } from '../bytes.js'
import { MissingTile, rootAt } from '../bundle/part.js'
import type { EntryBody } from '../entry.js'
import { tilePath } from '../tile.js'
import { successionDigest, SUCCESSION_QUORUM, SUCCESSION_ROLE, SUCCESSION_ROLE_HOURS } from '../succession.js'
import { counted, Fault, NotMade, type Check, type Subject } from './check.js'

/**
 * A log whose database was lost goes on under another name, from what was left of it. Its first entry says what it follows,
 * what it kept and who approved that; here all of it is held against the tree and against the votes. A checkpoint of the old
 * log that the auditor keeps is held against what was kept, and where it reaches further, that much is lost, and told.
 */
export const lineage: Check = {
  name: 'lineage',
  says: 'where this log follows another one, two people approved it, and what was kept is unchanged',
  start(subject) {
    const { checkpoint, manifest, stored } = subject
    if (!checkpoint) return new NotMade('the checkpoint cannot be read')
    const elsewhere = stored !== undefined && stored.checkpoint.origin !== checkpoint.origin
    if (manifest.completeness !== 'FULL') {
      if (!elsewhere) return new NotMade('what this log follows may stand in an entry that is not here')
      return new NotMade(
        `you keep a checkpoint of ${stored.checkpoint.origin}; ask for an export without a filter`,
        true,
      )
    }
    const story = new Story()
    return {
      see(batch) {
        for (const { entry, index } of batch) if (entry) story.see(entry, index)
      },
      async end() {
        const lines = story.lines(checkpoint.origin)
        for (const line of lines) {
          await keptIsKept(line, subject, checkpoint.size)
          approved(line, story)
        }
        if (elsewhere) {
          const lost = await heldAgainst(stored.checkpoint, lines, subject, checkpoint.size)
          if (lost) return lost
        }
        return lines.map(says).join('; ') || 'it follows no other'
      },
    }
  },
}

/** One log that was followed by another. */
interface Line {
  index: number
  entry: EntryBody<'log.succeeded'>
  old_origin: string
  old_size: number
  old_root: string
  new_origin: string
  kept: number
  kept_root: string
  request: string
}

interface Voice {
  id: string
  by: string
  kind: string
  roles: readonly string[]
  digest: string | undefined
  ts: string
  /** Since when they were of Security then. */
  since: string | undefined
}

/** What the log says about successors, and since when somebody is of Security. */
class Story {
  readonly #firsts: { index: number; entry: EntryBody<'log.succeeded'> }[] = []
  readonly askers = new Map<string, string>()
  readonly yes = new Map<string, Voice[]>()
  readonly no = new Set<string>()
  readonly since = new Map<string, string>()

  see(entry: EntryBody, index: number): void {
    switch (entry.type) {
      case 'log.succeeded':
        this.#firsts.push({ entry: entry, index })
        return
      case 'successor.requested':
        if (entry.detail?.request) this.askers.set(entry.detail.request, entry.actor.id)
        return
      case 'successor.refused':
        if (entry.detail?.request) this.no.add(entry.detail.request)
        return
      case 'successor.approved': {
        const { digest, request } = entry.detail ?? {}
        const { actor, about, ts } = entry
        const voice = {
          id: about.replace(/^vote:/, ''),
          by: actor.id,
          kind: actor.kind,
          roles: actor.roles ?? [],
          digest,
          ts,
          since: this.since.get(actor.id),
        }
        if (request) this.yes.set(request, [...(this.yes.get(request) ?? []), voice])
        return
      }
      case 'role.granted': {
        const { person_id, role, since } = entry.detail ?? {}
        if (person_id && role === SUCCESSION_ROLE && !this.since.has(person_id))
          this.since.set(person_id, since ?? entry.ts)
        return
      }
      case 'role.revoked': {
        const { person_id, role } = entry.detail ?? {}
        if (person_id && role === SUCCESSION_ROLE) this.since.delete(person_id)
      }
    }
  }

  lines(origin: string): Line[] {
    const had = new Set<string>([origin])
    return this.#firsts.map(({ entry, index }, i) => {
      const { kept, kept_root, new_origin: named, old_origin, old_root, old_size, request } = entry.detail ?? {}
      const new_origin = this.#firsts[i + 1]?.entry.detail?.old_origin ?? origin
      if (old_origin === undefined || old_root === undefined || old_size === undefined || kept === undefined || kept_root === undefined || request === undefined) {
        throw new Fault('lineage', `entry ${index} does not say what this log follows`, index)
      } // prettier-ignore
      if (entry.stream !== 'log' || entry.actor.kind !== 'process') {
        throw new Fault('lineage', `entry ${index} is no beginning of a successor: it is not the log's own`, index)
      }
      if (named !== undefined && named !== new_origin) {
        throw new Fault('lineage', `entry ${index} begins ${named}; this log is ${new_origin}`, index)
      }
      if (had.has(old_origin))
        throw new Fault('lineage', `entry ${index} follows ${old_origin}, a name that comes again`, index)
      had.add(old_origin)
      return { index, entry, old_origin, old_size, old_root, new_origin, kept, kept_root, request }
    })
  }
}

async function keptIsKept(line: Line, { read }: Subject, size: number): Promise<void> {
  const { index, kept, kept_root, old_origin, old_root, old_size } = line
  if (kept !== index) {
    throw new Fault(
      'lineage',
      `entry ${index} says that ${kept} entries of ${old_origin} were kept; ${index} stand before it`,
      index,
    )
  }
  if (hex(await root(kept, size, read)) !== kept_root) {
    throw new Fault(
      'lineage',
      `the ${kept} entries that were kept of ${old_origin} are not those that entry ${index} names`,
      index,
    )
  }
  if (old_size <= kept && hex(await root(old_size, size, read)) !== old_root) {
    throw new Fault(
      'lineage',
      `the first ${old_size} entries are not those of the checkpoint of ${old_origin} that was approved over`,
      index,
    )
  }
}

function approved({ entry, index, new_origin, old_origin, old_root, old_size, request }: Line, story: Story): void {
  const fail = (why: string) => new Fault('lineage', `entry ${index}, the successor of ${old_origin}: ${why}`, index)
  const digest = successionDigest({ old_origin, old_size, old_root, new_origin, reason: entry.reason ?? '', request })
  const listed = entry.approvals ?? []
  const asker = story.askers.get(request)
  if (asker === undefined) throw fail(`nobody asked for it (request ${request})`)
  if (story.no.has(request)) throw fail('somebody said no to it')
  if (new Set(listed.map(({ by }) => by)).size < SUCCESSION_QUORUM)
    throw fail(`fewer than ${SUCCESSION_QUORUM} people approved it`)
  for (const { by, id, over } of listed) {
    if (over !== digest) throw fail(`${by} approved something else (${over})`)
    if (by === asker) throw fail(`${by} approved what they had asked for`)
    const voice = story.yes.get(request)?.find((one) => one.id === id && one.by === by)
    if (!voice || voice.digest !== digest) throw fail(`the log has no approval ${id} of ${by} for it`)
    if (voice.kind !== 'person' || !voice.roles.includes(SUCCESSION_ROLE)) {
      throw fail(`${by} is no person of ${SUCCESSION_ROLE}`)
    }
    const since = voice.since ?? story.since.get(by)
    if (since !== undefined && Date.parse(since) + SUCCESSION_ROLE_HOURS * 3_600_000 > Date.parse(voice.ts)) {
      throw fail(`${by} was of ${SUCCESSION_ROLE} since ${since} only, when they approved at ${voice.ts}`)
    }
  }
}

/** The auditor's checkpoint of a log that this one follows: what it covers is here, unchanged; or how much of it is lost. */
async function heldAgainst(
  known: { origin: string; size: number; root: Uint8Array },
  lines: readonly Line[],
  { read }: Subject,
  size: number,
): Promise<NotMade | undefined> {
  const line = lines.find(({ old_origin }) => old_origin === known.origin)
  if (!line) {
    throw new Fault(
      'not-consistent',
      `you keep a checkpoint of ${known.origin}, and no entry says that this log follows it`,
    )
  }
  const { entry, kept, new_origin, old_root, old_size, request } = line
  if (known.size <= kept) {
    if (same(await root(known.size, size, read), known.root)) return undefined
    const sentence = `the first ${counted(known.size, 'entry is', 'entries are')} not those that you have seen of ${known.origin}`
    throw new Fault('not-consistent', sentence)
  }
  if (known.size === old_size && hex(known.root) !== old_root) {
    const sentence = `people approved over another checkpoint of ${known.origin} with ${old_size} entries than the one that you keep`
    throw new Fault('not-consistent', sentence, line.index)
  }
  const who = (entry.approvals ?? []).map(({ by }) => by).join(' and ')
  const more = known.size > old_size ? ` They knew of ${old_size} only.` : ''
  return new NotMade(
    `LOST: you have seen ${counted(known.size, 'entry', 'entries')} of ${known.origin}. ${new_origin} follows it and kept the first ${kept}: ` +
      `the other ${known.size - kept} are not here. ${who} approved that (${request}, "${entry.reason ?? ''}").${more}`,
    true,
  )
}

const says = ({ entry, kept, new_origin, old_origin, old_size }: Line): string =>
  `${new_origin} follows ${old_origin} from entry ${kept} on, which was known to reach ${old_size}; approved by ${(entry.approvals ?? []).map(({ by }) => by).join(' and ')}`

async function root(older: number, size: number, read: Subject['read']): Promise<Uint8Array> {
  try {
    return await rootAt(older, size, (tile) => read(tilePath(tile)))
  } catch (error) {
    // The checks `files` and `tiles` say which.
    if (error instanceof MissingTile) throw new Fault('lineage', `the tree does not reach back to ${older} entries`)
    throw error
  }
}
