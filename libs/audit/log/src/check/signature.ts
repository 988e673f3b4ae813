import { NoteError, verifyNote } from '../note.js'
import { Fault, NotMade, type Check } from './check.js'

/** The log that the policy names signed this checkpoint, under its own name. */
export const signature: Check = {
  name: 'signature',
  says: 'the log that the policy names signed the checkpoint',
  start({ checkpoint, note, policy }) {
    if (!note || !checkpoint) return new NotMade('the checkpoint cannot be read')
    const keys = policy.logs.filter(({ name }) => name === checkpoint.origin)
    if (keys.length === 0) throw new Fault('log-signature', `the policy knows no log ${checkpoint.origin}`)
    try {
      verifyNote(note, keys)
    } catch (error) {
      if (error instanceof NoteError) throw new Fault('log-signature', error.message)
      throw error
    }
    return { end: () => checkpoint.origin }
  },
}
