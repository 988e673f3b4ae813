import { counted, Fault, type Check } from './check.js'

/** Each line is its own canonical form, has one reading, and fits the schema of its type. */
export const body: Check = {
  name: 'body',
  says: 'each entry is canonical JSON and fits the schema of its type',
  start() {
    let seen = 0
    return {
      see(batch) {
        for (const { ended, fault, index } of batch) {
          if (fault !== undefined) throw new Fault('body', `entry ${index}: ${fault}`, index)
          if (!ended) throw new Fault('body', `entry ${index} breaks off before the end of its line`, index)
        }
        seen += batch.length
      },
      end: () => counted(seen, 'entry', 'entries'),
    }
  },
}
