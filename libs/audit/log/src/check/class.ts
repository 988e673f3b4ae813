import { classOf, selects, streamsNamed } from '../bundle/filter.js'
import { Fault, NotMade, type Check, type Seen, type Subject, type Watch } from './check.js'

/** What the bundle claims to hold is what is there, of the log that was signed. */
export const completeness: Check = {
  name: 'class',
  says: 'the bundle holds what it claims: FULL, whole streams, or a selection',
  start(subject) {
    const { checkpoint, manifest } = subject
    if (!checkpoint) return new NotMade('the checkpoint cannot be read')
    if (manifest.origin !== checkpoint.origin) {
      throw new Fault('class', `the manifest names the log ${manifest.origin}, the checkpoint ${checkpoint.origin}`)
    }
    if (manifest.size !== checkpoint.size) {
      throw new Fault('class', `the manifest claims ${manifest.size} entries, the checkpoint covers ${checkpoint.size}`)
    }
    const asked = classOf(manifest.filter)
    if (asked !== manifest.completeness) {
      throw new Fault('class', `the manifest claims ${manifest.completeness}; what was asked for is ${asked}`)
    }
    const { streams } = manifest
    const sorted = streams.every(({ stream }, i) => i === 0 || streams[i - 1]!.stream < stream)
    if (!sorted || streams.length > 0 !== (asked === 'STREAM')) {
      throw new Fault('class', 'the manifest names streams that a bundle of its class does not have')
    }
    return WATCH[manifest.completeness](subject)
  },
}

const WATCH: Record<Subject['manifest']['completeness'], (subject: Subject) => Watch> = {
  FULL: () => ({ end: () => 'FULL' }),
  STREAM: wholeStreams,
  SELECTED: ({ manifest }) => ({
    see(batch) {
      const stray = batch.find(({ entry, index }) => entry && !selects(manifest.filter, entry, index))
      if (stray) throw new Fault('class', `entry ${stray.index} is not one that was asked for`, stray.index)
    },
    end: () => 'SELECTED',
  }),
}

/**
 * That nothing is missing at the end of a stream, no proof can tell: the log itself says it, in the entry of the export's
 * beginning, written while nobody could append to these streams.
 */
function wholeStreams({ manifest }: Subject): Watch {
  const claimed = new Set(manifest.streams.map(({ stream }) => stream))
  const absent = streamsNamed(manifest.filter).find((stream) => !claimed.has(stream))
  if (absent !== undefined) throw new Fault('class', `${absent} was asked for, and is not among the streams`)
  let claim: Seen | undefined
  return {
    see(batch) {
      for (const seen of batch) {
        const { entry, index } = seen
        if (!entry || claimed.has(entry.stream)) continue
        if (claim || entry.type !== 'export.running') {
          throw new Fault('class', `entry ${index} is of ${entry.stream}, which is not among the streams`, index)
        }
        claim = seen
        const { streams = [] } = entry.detail ?? {}
        const same = manifest.streams.every(({ count, stream }, i) => {
          return streams[i]?.stream === stream && streams[i].count === count
        })
        if (!same || streams.length !== manifest.streams.length) {
          throw new Fault('class', `entry ${index} counted other streams than the manifest claims`, index)
        }
      }
    },
    end() {
      if (claim) return `STREAM, as counted in entry ${claim.index}`
      throw new Fault('class', 'the entry in which the log counted these streams is not carried along')
    },
  }
}
