import { FILE } from '../bundle/manifest.js'
import { parseCheckpoint } from '../checkpoint.js'
import { NoteError, parseNote } from '../note.js'
import { Fault, type Check } from './check.js'

/** Syntax alone: C2SP signed-note and tlog-checkpoint. */
export const note: Check = {
  name: 'note',
  says: 'the checkpoint is a well-formed signed note',
  async start({ read }) {
    const file = await read(FILE.checkpoint)
    if (!file) throw new Fault('note-syntax', 'the bundle has no checkpoint, or one of absurd size')
    try {
      const { signatures, text } = parseNote(file)
      parseCheckpoint(text)
      return { end: () => `${signatures.length} signature lines` }
    } catch (error) {
      if (error instanceof NoteError) throw new Fault('note-syntax', error.message)
      throw error
    }
  },
}
