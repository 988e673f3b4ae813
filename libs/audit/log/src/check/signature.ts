import { NoteError, verifyNote } from '../note.js'
import { Fault, NotMade, type Check } from './check.js'

/** The log that the policy names signed this checkpoint and the older ones, under its own name. */
export const signature: Check = {
  name: 'signature',
  says: 'the log that the policy names signed the checkpoints',
  start({ checkpoint, history, note, policy }) {
    if (!note || !checkpoint) return new NotMade('the checkpoint cannot be read')
    const keys = policy.logs.filter(({ name }) => name === checkpoint.origin)
    if (keys.length === 0) throw new Fault('log-signature', `the policy knows no log ${checkpoint.origin}`)
    for (const signed of [...history.map(({ note }) => note), note]) {
      try {
        verifyNote(signed, keys)
      } catch (error) {
        if (error instanceof NoteError) throw new Fault('log-signature', error.message)
        throw error
      }
    }
    return { end: () => checkpoint.origin }
  },
}
