import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Recipe } from '@firebreak/kit'
import { readRecipe } from './recipe.js'
import { inOrder, Sheet, SheetError, type SheetFault } from './sheet/index.js'

const MOST_FILES = 200
/** In bytes, before anything is read; the reader itself counts characters. */
const MOST_BYTES = 256 * 1024

/**
 * Every recipe of a folder, together with those that there are. An id that is there already is a fault: of two recipes
 * of one name nobody could say which was approved.
 *
 * @param folder as the house names it; without one there are no more
 * @param house the file that names it: the folder is seen from there

 * @throws SheetError with what is wrong in all of the files
 */
export function withFolder(
  known: ReadonlyMap<string, Recipe>,
  folder: string | undefined,
  house: string,
): ReadonlyMap<string, Recipe> {
  if (folder === undefined) return known
  const all = new Map(known)
  const faults: SheetFault[] = []
  for (const file of filesOf(resolve(dirname(house), folder))) {
    const shown = shownOf(file)
    try {
      const recipe = readFile(file, shown)
      const { id } = recipe
      if (known.has(id)) throw taken(file, shown, id)
      all.set(id, recipe)
    } catch (error) {
      if (!(error instanceof SheetError)) throw error
      faults.push(...error.faults)
    }
  }
  if (faults.length > 0) throw new SheetError(faults)
  return all
}

/** From where the process stands, or whole when it lies elsewhere: an editor opens either. */
function shownOf(file: string): string {
  const near = relative('.', file)
  return near.startsWith('..') ? file : near
}

function readFile(file: string, shown: string): Recipe {
  if (lstatSync(file).size > MOST_BYTES) throw about(shown, `more than ${MOST_BYTES} bytes`, 'a recipe of one page')
  if (!file.endsWith('.yaml')) throw about(shown, 'a file that ends in .yml', 'one that ends in .yaml; rename it')
  return readRecipe(readFileSync(file, 'utf8'), shown)
}

function filesOf(folder: string): string[] {
  let names
  try {
    names = readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    throw about(
      folder,
      `no folder that can be read (${(error as NodeJS.ErrnoException).code})`,
      'the folder of recipes.folder',
    )
  }
  const files = names.filter((one) => one.isFile() && /\.ya?ml$/.test(one.name)).map((one) => one.name)
  if (files.length > MOST_FILES) throw about(folder, `${files.length} recipes`, `at most ${MOST_FILES}`)
  return files.sort().map((name) => join(folder, name))
}

const about = (file: string, found: string, expected: string) =>
  new SheetError([Sheet.read('', file).fault([], found, expected)])

const taken = (file: string, shown: string, id: string) =>
  new SheetError(
    inOrder([
      Sheet.read(readFileSync(file, 'utf8'), shown).fault(
        ['id'],
        JSON.stringify(id),
        'an id that no other recipe has',
        'value',
        'the catalogue has it: choose another',
      ),
    ]),
  )
