import { counted, Fault, NotMade, type Check } from './check.js'

/** As many entries as the checkpoint covers. Their indices follow from their place, so that they have no gap. */
export const count: Check = {
  name: 'count',
  says: 'there are as many entries as the checkpoint covers',
  start({ checkpoint }) {
    if (!checkpoint) return new NotMade('the checkpoint cannot be read')
    let seen = 0
    return {
      see(batch) {
        seen += batch.length
      },
      end() {
        if (seen === checkpoint.size) return counted(seen, 'entry', 'entries')
        const sentence = `the checkpoint covers ${counted(checkpoint.size, 'entry', 'entries')}; the bundle has ${counted(seen, 'entry', 'entries')}`
        throw new Fault('count', sentence, Math.min(seen, checkpoint.size))
      },
    }
  },
}
