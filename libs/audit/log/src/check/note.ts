import { FILE } from '../bundle/manifest.js'
import { parseCheckpoint } from '../checkpoint.js'
import { NoteError, parseNote } from '../note.js'
import { counted, Fault, type Check } from './check.js'
import { soundHistory } from './history.js'

/** Syntax alone: C2SP signed-note and tlog-checkpoint. */
export const note: Check = {
  name: 'note',
  says: 'each checkpoint is a well-formed signed note',
  async start({ files, read }) {
    const file = await read(FILE.checkpoint)
    if (!file) throw new Fault('note-syntax', 'the bundle has no checkpoint, or one of absurd size')
    try {
      const { signatures, text } = parseNote(file)
      const older = await soundHistory(files, read, parseCheckpoint(text))
      const found = `${signatures.length} signature lines`
      return { end: () => (older === 0 ? found : `${found}; ${counted(older, 'older checkpoint')}`) }
    } catch (error) {
      if (error instanceof NoteError) throw new Fault('note-syntax', error.message)
      throw error
    }
  },
}
