import { FILE } from '../bundle/manifest.js'
import { statementFault, statementOver, type StatementFault } from '../bundle/statement.js'
import { NoteError, parseVkey, type VerifierKey } from '../note.js'
import { Fault, NotMade, type Check } from './check.js'

const SENTENCE: Record<StatementFault, string> = {
  malformed: 'the statement over the manifest cannot be read',
  'other-statement': 'the statement was signed over another manifest',
  'other-key': 'the statement was signed by a key that neither you nor the log names',
  'wrong-signature': 'the signature of the statement is wrong',
}

/**
 * The exporter's signature over the manifest, where there is one. By a key that the auditor named, or else by one that the
 * log itself names: before the first byte of an export, the entry of its beginning says with which key it will be signed.
 * That is no key from the bundle: the entry stands under the root that the policy's keys signed, or the check `root` fails.
 */
export const statement: Check = {
  name: 'statement',
  says: 'the exporter signed the manifest',
  async start({ files, manifest, manifestSha256, options, read }) {
    if (!files.has(FILE.statement)) return new NotMade('the bundle carries no statement of its exporter')
    const file = await read(FILE.statement)
    const given = options.exportKeys ?? []
    const named = new Map<string, VerifierKey>()
    return {
      see(batch) {
        for (const { entry } of batch) {
          if (entry?.type !== 'export.running' || entry.detail?.exporter === undefined) continue
          if (!named.has(entry.detail.exporter)) learn(named, entry.detail.exporter)
        }
      },
      end() {
        const keys = given.length > 0 ? given : [...named.values()]
        const fault = file ? statementFault(file, statementOver(manifest, manifestSha256), keys) : 'malformed'
        if (fault === 'other-key' && keys.length === 0)
          return new NotMade("no exporter's key was given (--export-key), and no entry here names one", true)
        if (fault) throw new Fault('statement', SENTENCE[fault])
        return given.length > 0 ? 'by a key that you named' : 'by the key that the log names'
      },
    }
  },
}

/** What is no key signs nothing. */
function learn(named: Map<string, VerifierKey>, vkey: string): void {
  try {
    named.set(vkey, parseVkey(vkey))
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
  }
}
