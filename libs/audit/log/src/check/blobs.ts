import { hex, sha256Stream } from '../bytes.js'
import { BLOBS } from '../bundle/manifest.js'
import { Fault, NotMade, type Check } from './check.js'

/** Each output that is carried along has the digest and size that an entry names, and none is there that no entry names. */
export const blobs: Check = {
  name: 'blobs',
  says: 'each output carried along is the one that an entry names',
  start({ files }) {
    const carried = new Map(
      files.names.filter((name) => name.startsWith(BLOBS)).map((name) => [name.slice(BLOBS.length), false]),
    )
    let absent = 0
    return {
      see(batch) {
        for (const { entry, index } of batch) {
          for (const { sha256, size } of entry?.output ?? []) {
            if (!carried.has(sha256)) absent++
            else if (files.size(BLOBS + sha256) !== size) {
              throw new Fault('blob', `the output ${sha256} has another size than entry ${index} says`, index)
            } else carried.set(sha256, true)
          }
        }
      },
      async end() {
        for (const [sha256, named] of carried) {
          if (!named) throw new Fault('blob', `no entry names the output ${sha256}`)
          const digest = sha256Stream()
          for await (const chunk of files.open(BLOBS + sha256)) digest.update(chunk)
          if (hex(digest.digest()) !== sha256) throw new Fault('blob', `the output ${sha256} has another digest`)
        }
        if (carried.size === 0 && absent > 0)
          return new NotMade(`the ${absent} outputs that entries name by digest are not in the bundle`)
        return absent > 0 ? `${carried.size} carried, ${absent} named by digest alone` : `${carried.size} carried`
      },
    }
  },
}
