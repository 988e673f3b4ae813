import { same } from '../bytes.js'
import { MissingTile, rootAt } from '../bundle/part.js'
import type { Checkpoint } from '../checkpoint.js'
import { tilePath } from '../tile.js'
import { CompactRange } from '../tree.js'
import { counted, Fault, NotMade, type Check, type Subject, type Watch } from './check.js'

/** The log still begins with all that it held at each older checkpoint, the auditor's own above all, and has not become shorter. */
export const consistency: Check = {
  name: 'consistency',
  says: 'the log only grew since the older checkpoints',
  async start(subject) {
    const { checkpoint, history, manifest } = subject
    const nothing = 'no earlier checkpoint was given (--checkpoint)'
    if (!subject.stored && history.length === 0) return new NotMade(nothing)
    if (!checkpoint) return new NotMade('the checkpoint cannot be read')
    // Of a log that this one may follow: the check `lineage` looks at that.
    const stored = subject.stored?.checkpoint.origin === checkpoint.origin ? subject.stored : undefined
    if (!stored && history.length === 0)
      return new NotMade('the checkpoint that you keep is of another log: see lineage')
    if (stored) notShorter(checkpoint, stored.checkpoint)
    const older: Older[] = history.map(({ checkpoint: { root, size } }) => ({
      root,
      size,
      whose: 'that it signed then',
    }))
    if (stored) older.push({ ...stored.checkpoint, whose: 'that you have seen' })
    older.sort((a, b) => a.size - b.size)
    const found = [
      stored
        ? `the first ${counted(stored.checkpoint.size, 'entry is', 'entries are')} those that you knew`
        : subject.stored
          ? 'the one that you keep is of another log: see lineage'
          : 'none that you keep was given (--checkpoint)',
      ...(history.length > 0 ? [`${counted(history.length, 'older checkpoint')} of the bundle`] : []),
    ].join('; ')
    return manifest.completeness === 'FULL'
      ? fromEntries(older, found)
      : fromTiles(subject, older, checkpoint.size, found)
  },
}

interface Older {
  size: number
  root: Uint8Array
  whose: string
}

function notShorter(checkpoint: Checkpoint, known: Checkpoint): void {
  if (checkpoint.size >= known.size) return
  const sentence = `the log has ${checkpoint.size} entries; you have seen ${known.size}`
  throw new Fault('rolled-back', sentence, checkpoint.size)
}

const other = ({ size, whose }: Older) =>
  new Fault('not-consistent', `the first ${counted(size, 'entry is', 'entries are')} not those ${whose}`)

function fromEntries(older: Older[], found: string): Watch {
  const range = new CompactRange()
  const waiting = [...older]
  const compare = () => {
    for (; waiting[0]?.size === range.size; waiting.shift()) {
      if (!same(range.root(), waiting[0].root)) throw other(waiting[0])
    }
  }
  return {
    see(batch) {
      for (const { nodes } of batch) {
        compare()
        if (waiting.length === 0) return
        range.follow(nodes!)
      }
    },
    end() {
      compare()
      if (waiting[0]) throw other(waiting[0])
      return found
    },
  }
}

async function fromTiles({ read }: Subject, older: Older[], size: number, found: string): Promise<Watch | NotMade> {
  for (const one of older) {
    try {
      const root = await rootAt(one.size, size, (tile) => read(tilePath(tile)))
      if (!same(root, one.root)) throw other(one)
    } catch (error) {
      if (!(error instanceof MissingTile)) throw error
      const reason = `the part of the tree in this bundle does not reach back to a size of ${one.size}`
      return new NotMade(`${reason}: ask for an export without a filter`, true)
    }
  }
  return { end: () => found }
}
