import { counted, Fault, NotMade, type Check } from './check.js'
import { readIndices } from './indices.js'

/** As many entries as there have to be, each in a place of its own. Of a FULL bundle the places follow from the lines. */
export const count: Check = {
  name: 'count',
  says: 'there are as many entries as there have to be, each in its own place in the log',
  async start({ checkpoint, files, manifest }) {
    if (!checkpoint) return new NotMade('the checkpoint cannot be read')
    const { size } = checkpoint
    const full = manifest.completeness === 'FULL'
    const indices = full ? undefined : await readIndices(files)
    const last = indices?.at(-1)
    if (last !== undefined && last >= size) {
      throw new Fault('count', `the checkpoint covers ${counted(size, 'entry', 'entries')}; ${last} is not one`, last)
    }
    const due = indices?.length ?? size
    let seen = 0
    return {
      see(batch) {
        seen += batch.length
      },
      end() {
        const there = counted(seen, 'entry', 'entries')
        const first = Math.min(seen, due)
        if (seen !== due) {
          const says = full ? 'the checkpoint covers' : 'the bundle has places for'
          const sentence = `${says} ${counted(due, 'entry', 'entries')}; the bundle has ${there}`
          throw new Fault('count', sentence, indices ? indices[first] : first)
        }
        if (manifest.entries !== seen) {
          throw new Fault('count', `the manifest claims ${manifest.entries} entries; the bundle has ${there}`)
        }
        return full ? there : `${there} of ${size.toLocaleString('en')}`
      },
    }
  },
}
