import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** `hash-file <path>`: plain SHA-256 over a file, in a process of its own. */
const hash = createHash('sha256')
for await (const chunk of createReadStream(process.argv[2]!, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
console.log(hash.digest('hex'))
