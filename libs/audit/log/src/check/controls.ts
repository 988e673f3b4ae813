import { same } from '../bytes.js'
import { controlPacks, PackMaker, packFiles, packScope } from '../controls/pack.js'
import { counted, Fault, NotMade, type Check } from './check.js'

/** The control packs say what the entries say: each is made again, and both of its files are compared. */
export const controls: Check = {
  name: 'controls',
  says: 'each control pack shows what the entries show and nothing else',
  start({ checkpoint, manifest, read }) {
    if (manifest.controls.length === 0) return new NotMade('the bundle carries no control pack')
    if (!checkpoint) return new NotMade('the checkpoint cannot be read')
    const unknown = manifest.controls.find((name) => !controlPacks.has(name))
    if (unknown !== undefined) return new NotMade(`this checker does not know the control pack ${unknown}`, true)
    const scope = packScope(checkpoint, manifest)
    const makers = manifest.controls.map((name) => new PackMaker(controlPacks.get(name)!, scope))
    let unread: number | undefined
    return {
      see(batch) {
        for (const { entry, index } of batch) {
          if (entry) for (const maker of makers) maker.add(entry, index)
          else unread ??= index
        }
      },
      async end() {
        if (unread !== undefined) return new NotMade(`entry ${unread} cannot be read`)
        for (const maker of makers) {
          const [made, names] = [maker.files(), packFiles(maker.name)]
          for (const form of ['json', 'html'] as const) {
            const file = await read(names[form])
            if (!file || !same(file, made[form])) {
              throw new Fault('controls', `${names[form]} was changed, or made of other entries`)
            }
          }
        }
        return counted(makers.length, 'pack')
      },
    }
  },
}
