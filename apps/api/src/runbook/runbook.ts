import { Refused } from '@firebreak/flow'
import type { Recipe } from '@firebreak/kit'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The living runbook: Markdown files of one folder, and which recipes carry a page out. */
export class Runbook {
  constructor(
    private readonly folder: string,
    private readonly recipes: ReadonlyMap<string, Recipe>,
  ) {}

  async pages() {
    return { items: (await this.read()).map(({ page, title, recipes }) => ({ page, title, recipes })) }
  }

  /** Looked up among the files that are there: no path is ever built from what somebody asks for. */
  async page(name: string) {
    const found = (await this.read()).find(({ page }) => page === name)
    if (!found) throw new Refused('not-found', `The runbook has no page ${name.slice(0, 100)}.`)
    return found
  }

  private async read() {
    const files = (await readdir(this.folder).catch(() => [])).filter((file) => file.endsWith('.md')).sort()
    return Promise.all(
      files.map(async (file) => {
        const markdown = await readFile(join(this.folder, file), 'utf8')
        const page = file.slice(0, -'.md'.length)
        return {
          page,
          title: /^#\s+(.+)$/m.exec(markdown)?.[1]?.trim() ?? page,
          recipes: [...this.recipes.values()].filter((recipe) => recipe.page === page).map(({ id }) => id),
          markdown,
        }
      }),
    )
  }
}
