import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What a new thing begins with. Paths are seen from the checkout. */
export interface Skeleton {
  files: Readonly<Record<string, string>>
  /** Lines in files that are there: an index. */
  edits: readonly { file: string; line: string; edit: (text: string) => string | undefined }[]
  next: readonly string[]
}

/** What stops it, in a sentence; nothing was written then. */
export class NotWritten extends Error {}

/** Lower-case words joined by hyphens: folders, ids and names in URLs are made of them. */
export const ID = /^[a-z]+(-[a-z]+)*$/

export const camel = (id: string) => id.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
export const title = (id: string) => id.replaceAll('-', ' ').replace(/^./, (letter) => letter.toUpperCase())

/** Writes all of it or nothing, and over nothing. Answers what was written, a line each. */
export function write(root: string, { files, edits }: Skeleton): string[] {
  for (const file of Object.keys(files))
    if (existsSync(join(root, file))) throw new NotWritten(`${file} is there already; nothing was written`)
  const changed = edits.map(({ file, line, edit }) => {
    const before = readFileSync(join(root, file), 'utf8')
    const after = edit(before)
    if (after === undefined)
      throw new NotWritten(
        `${file} does not look as it did when this was written: add ${line} by hand; nothing was written`,
      )
    return { file, after, line }
  })
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text, { flag: 'wx' })
  }
  for (const { file, after } of changed) writeFileSync(join(root, file), after)
  return [
    ...Object.keys(files).map((file) => `wrote  ${file}`),
    ...changed.map(({ file, line }) => `added  ${line} to ${file}`),
  ]
}

/** Puts an import after the last one of its kind, and a name into the list that follows `[` before `tail`. */
export function intoIndex(importLine: string, item: string, list: RegExp): (text: string) => string | undefined {
  return (text) => {
    const imports = [...text.matchAll(/^import .* from '\.\/.*'\n/gm)].at(-1)
    if (!imports || !list.test(text)) return undefined
    const end = imports.index + imports[0].length
    const imported = `${text.slice(0, end)}${importLine}\n${text.slice(end)}`
    return imported.replace(list, (_, before: string, items: string, after: string) => {
      const many = items.trim().replace(/,$/, '')
      return `${before}${many}, ${item}${after}`
    })
  }
}
