import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refused } from '@firebreak/flow'
import { withNonce } from '@firebreak/page'

/** The console's page. Read anew each time: it is one small file, and the build may replace it under us. */
export class Page {
  constructor(private readonly folder: string) {}

  /** The page with this nonce where its styles look for one. */
  async html(nonce: string): Promise<string> {
    try {
      return withNonce(await readFile(join(this.folder, 'index.html'), 'utf8'), nonce)
    } catch {
      throw new Refused('not-found', 'The console is not built: npm run build makes it. The API is at /v1.')
    }
  }
}
