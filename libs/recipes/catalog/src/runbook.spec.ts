import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { classes } from '@firebreak/kit'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { recipes } from './index.js'

/*
 * The runbook, its list of duties and the recipes say the same. Without this a page promises a recipe that was never
 * written, or sends somebody at three in the morning through commands that Firebreak has long learned to do.
 */

const book = new URL('../../../../runbook/', import.meta.url)
const written = readdirSync(new URL('.', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
const names = readdirSync(book)
  .filter((file) => file.endsWith('.md'))
  .map((file) => file.replace(/\.md$/, ''))

const recipeId = z.string().regex(/^[a-z]+(-[a-z]+)*$/)
const frontMatter = z.strictObject({
  class: z.enum(classes).optional(),
  title: z.string().min(1),
  owner: z.enum(['sre', 'ml', 'security']),
  recipes: z.array(z.strictObject({ id: recipeId, status: z.enum(['ready', 'planned']) })),
})
const duties = z.array(
  z.strictObject({
    line: z.string().min(1),
    page: z.string(),
    recipe: recipeId.nullable(),
    // Whether there is such a rehearsal is held where rehearsals are played: infra/dev/src/coverage.spec.ts.
    rehearsal: z.string().min(1).optional(),
    status: z.enum(['covered', 'planned']),
  }),
)

const read = (file: string) => readFileSync(new URL(file, book), 'utf8').replaceAll('\r\n', '\n')

/** A page in its parts. What looks like a heading inside a block of code is none. */
function open(name: string) {
  const [, head, body] = /^---\n(.*?)\n---\n(.*)$/s.exec(read(`${name}.md`)) ?? []
  if (head === undefined || body === undefined) throw new Error(`runbook/${name}.md does not begin with front matter`)
  const prose = body.replaceAll(/^( *)(`{3,}).*?^\1\2$/gms, '')
  return {
    head: frontMatter.parse(parse(head)),
    body,
    prose,
    heading: prose.match(/^# .*$/gm),
    sections: [...prose.matchAll(/^## (.*)\n((?:(?!^## ).*\n?)*)/gm)].map(
      ([, title, text]) => [title!, text!.trim()] as const,
    ),
  }
}

const pages = new Map(names.map((name) => [name, open(name)]))
const coverage = duties.parse(parse(read('coverage.yaml')))
const SECTIONS = ['Meaning', 'Impact', 'Diagnosis', 'Mitigation', 'Verify', 'Escalate', 'Afterwards']

test.each(classes)('%s has a page, with every section in its place', (name) => {
  const page = pages.get(name)
  expect(page?.head.class).toBe(name)
  expect(page!.sections.map(([title]) => title)).toEqual(SECTIONS)
  for (const [title, text] of page!.sections) expect(text, title).not.toBe('')
})

test('only the page of a class names a class, and the front page leads to every other page', () => {
  for (const [name, { head }] of pages) expect(head.class ?? name, name).toBe(name)
  for (const name of names.filter((name) => name !== 'runbook'))
    expect(pages.get('runbook')!.prose.includes(`](${name}.md)`), name).toBe(true)
})

test.each(names)('%s is headed by its title', (name) => {
  const { head, heading } = pages.get(name)!
  expect(heading).toEqual([`# ${head.title}`])
})

test.each(names)('%s calls ready what is in the catalogue, and planned what is not', (name) => {
  const { head, prose } = pages.get(name)!
  for (const { id, status } of head.recipes) {
    expect(`${id}: ${written.includes(id) ? 'ready' : 'planned'}`, `status in runbook/${name}.md`).toBe(
      `${id}: ${status}`,
    )
    expect(prose.includes(`\`${id}\``), `${id} stands in the front matter only`).toBe(true)
    // The words that people read are held too: "`x` (planned)" must not outlive the front matter's "ready".
    for (const [, said] of prose.matchAll(new RegExp(`\`${id}\` \\((ready|planned)`, 'g')))
      expect(said, `${id} in the text`).toBe(status)
  }
})

test.each([...recipes])('%s stands on the page that it calls its own', (id, { page }) => {
  expect(pages.get(page)?.head.recipes).toContainEqual({ id, status: 'ready' })
})

test.each(coverage.map((duty, at) => [duty.line, at, duty] as const))(
  'duty: %s',
  (line, at, { page, recipe, status }) => {
    expect(line.split(/\s+/).length, 'a quotation, not the whole text').toBeLessThanOrEqual(12)
    expect(
      coverage.findIndex((duty) => duty.line === line),
      'named twice',
    ).toBe(at)
    expect(names, 'the page is there').toContain(page)
    if (recipe === null) return expect(status, 'without a recipe there is nothing left to plan').toBe('covered')
    expect(status).toBe(written.includes(recipe) ? 'covered' : 'planned')
    expect(pages.get(page)!.head.recipes.map(({ id }) => id)).toContain(recipe)
  },
)

test('every recipe that a page names does some duty', () => {
  const doing = new Set(coverage.map(({ recipe }) => recipe))
  const named = new Set([...pages.values()].flatMap(({ head }) => head.recipes.map(({ id }) => id)))
  expect([...named].filter((id) => !doing.has(id))).toEqual([])
})

test.each(names)('%s: every link leads somewhere', (name) => {
  const { prose } = pages.get(name)!
  for (const [, file, anchor] of prose.matchAll(/\]\((?!https?:)([^)#]*)#?([^)]*)\)/g)) {
    expect(existsSync(new URL(file || `${name}.md`, book)), `${file} from ${name}.md`).toBe(true)
    const there = pages.get(file ? file.replace(/\.md$/, '') : name)
    if (anchor)
      expect([...(there?.prose ?? '').matchAll(/^#+ (.*)$/gm)].map(([, title]) => slug(title!))).toContain(anchor)
  }
})

/** As the usual renderers make anchors: words in lower case, joined by hyphens, without punctuation. */
const slug = (title: string) =>
  title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')

/** Objects that lie in no namespace, and commands that ask about the client itself. */
const ANYWHERE = /\bkubectl (config|auth)\b|\bkubectl (get|top) (nodes|clusterrolebindings)\b/

test.each(names)('%s: no kubectl command relies on the namespace that happens to be set', (name) => {
  const blocks = [...pages.get(name)!.body.matchAll(/^ *```sh\n(.*?)^ *```$/gms)].map(([, block]) => block!)
  const commands = blocks.flatMap((block) => block.replaceAll('\\\n', ' ').match(/\bkubectl [^|;\n]*/g) ?? [])
  expect(commands.filter((command) => !/ (-n "\$NS"|-A)( |$|\))/.test(command) && !ANYWHERE.test(command))).toEqual([])
})
