import { FILE } from '../bundle/manifest.js'
import { statementFault, statementOver, type StatementFault } from '../bundle/statement.js'
import { Fault, NotMade, type Check } from './check.js'

const SENTENCE: Record<StatementFault, string> = {
  malformed: 'the statement over the manifest cannot be read',
  'other-statement': 'the statement was signed over another manifest',
  'other-key': 'the statement was signed by a key that you did not name',
  'wrong-signature': 'the signature of the statement is wrong',
}

/** The exporter's signature over the manifest, where there is one. Without their key a signature proves nothing. */
export const statement: Check = {
  name: 'statement',
  says: 'the exporter signed the manifest',
  async start({ files, manifest, manifestSha256, options, read }) {
    if (!files.has(FILE.statement)) return new NotMade('the bundle carries no statement of its exporter')
    const file = await read(FILE.statement)
    const fault = file
      ? statementFault(file, statementOver(manifest, manifestSha256), options.exportKeys ?? [])
      : 'malformed'
    if (fault === 'other-key' && !options.exportKeys?.length) {
      return new NotMade("no exporter's key was given (--export-key)", true)
    }
    if (fault) throw new Fault('statement', SENTENCE[fault])
    return {}
  },
}
