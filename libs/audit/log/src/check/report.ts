import { same, utf8 } from '../bytes.js'
import { FILE } from '../bundle/manifest.js'
import { Page } from '../bundle/page.js'
import { Fault, NotMade, type Check } from './check.js'

/** The page for reading says what the entries say: it is made again, and compared. */
export const report: Check = {
  name: 'report',
  says: 'the page for reading shows these entries and nothing else',
  async start({ checkpoint, manifest, read }) {
    if (!checkpoint) return new NotMade('the checkpoint cannot be read')
    const file = await read(FILE.report)
    if (!file) throw new Fault('report', 'the bundle has no page for reading, or one of absurd size')
    const page = new Page(checkpoint, manifest)
    let unread: number | undefined
    return {
      see(batch) {
        for (const { entry, index } of batch) {
          if (entry) page.add(entry, index)
          else unread ??= index
        }
      },
      end() {
        if (unread !== undefined) return new NotMade(`entry ${unread} cannot be read`)
        if (!same(utf8(page.html()), file))
          throw new Fault('report', 'the page for reading was changed, or made of other entries')
        return undefined
      },
    }
  },
}
