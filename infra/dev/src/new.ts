import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { HouseError, loadHouse } from '@firebreak/house'
import { recipeSkeleton } from './new/recipe.js'
import { ID, NotWritten, write, type Skeleton } from './new/skeleton.js'
import { sourceSkeleton } from './new/source.js'
import { yamlRecipeSkeleton } from './new/yaml-recipe.js'
import { ROOT } from './root.js'

const USAGE = `npm run new recipe <id>              a recipe in TypeScript, in the catalogue
npm run new recipe <id> -- --yaml    a recipe in YAML, in the folder of firebreak.yaml
npm run new integration <system>     a system that sends alerts`

/**
 * Writes the beginning of a recipe or of an integration: the folder, a spec that fails until it is written, and the
 * line in the index. Answers what was written and what to do next.
 */
export function begin(root: string, words: readonly string[]): string[] {
  const flags = words.filter((word) => word.startsWith('-'))
  const [kind, id, ...rest] = words.filter((word) => !word.startsWith('-'))
  const unknown = flags.filter((flag) => flag !== '--yaml' || kind !== 'recipe')
  if ((kind !== 'recipe' && kind !== 'integration') || !id || rest.length > 0 || unknown.length > 0)
    throw new NotWritten(USAGE)
  if (!ID.test(id) || id.length > 63)
    throw new NotWritten(`${JSON.stringify(id)} is no id: expected lower-case words joined by -, such as pause-batch`)
  if (kind === 'recipe' && taken(root, id)) throw new NotWritten(`there is a recipe ${id} already; nothing was written`)
  const skeleton = skeletonOf(root, kind, id, flags.includes('--yaml'))
  return [...write(root, skeleton), '', ...skeleton.next]
}

function skeletonOf(root: string, kind: 'recipe' | 'integration', id: string, yaml: boolean): Skeleton {
  if (kind === 'integration') return sourceSkeleton(id)
  if (!yaml) return recipeSkeleton(id)
  const { folder, named } = houseFolder(root)
  return yamlRecipeSkeleton(id, folder, named)
}

/** An id is one recipe's, whichever language it is written in. */
function taken(root: string, id: string): boolean {
  return [`libs/recipes/catalog/src/${id}`, `${houseFolder(root).folder}/${id}.yaml`].some((path) =>
    existsSync(join(root, path)),
  )
}

/** Where the house keeps its recipes, seen from the checkout. */
function houseFolder(root: string): { folder: string; named: boolean } {
  const file = resolve(root, process.env['FIREBREAK_CONFIG'] || 'firebreak.yaml')
  const named = loadHouse(readFileSync(file, 'utf8'), relative(root, file)).recipeFolder
  const folder = relative(root, resolve(dirname(file), named ?? 'recipes')).replaceAll('\\', '/')
  return { folder, named: named !== undefined }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    console.log(begin(ROOT, process.argv.slice(2)).join('\n'))
  } catch (error) {
    if (!(error instanceof NotWritten || error instanceof HouseError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}
