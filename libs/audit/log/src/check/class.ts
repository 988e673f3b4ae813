import { Fault, NotMade, type Check } from './check.js'

/** What the bundle claims to hold is what the signed checkpoint covers. */
export const completeness: Check = {
  name: 'class',
  says: 'the bundle is as complete as it claims: FULL, every entry up to the checkpoint',
  start({ checkpoint, manifest }) {
    if (!checkpoint) return new NotMade('the checkpoint cannot be read')
    if (manifest.origin !== checkpoint.origin) {
      throw new Fault('class', `the manifest names the log ${manifest.origin}, the checkpoint ${checkpoint.origin}`)
    }
    if (manifest.size !== checkpoint.size) {
      throw new Fault('class', `the manifest claims ${manifest.size} entries, the checkpoint covers ${checkpoint.size}`)
    }
    return { end: () => manifest.completeness }
  },
}
