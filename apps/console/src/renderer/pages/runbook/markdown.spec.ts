import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { anchorOf, goes, parse, plain } from './markdown.js'

const RUNBOOK = resolve(import.meta.dirname, '../../../../../../runbook')
const pages = readdirSync(RUNBOOK).filter((file) => file.endsWith('.md'))

test('a page is its sections, without front matter and title', () => {
  const { owner, sections, tokens } = parse('---\nowner: sre\n---\n\n# Title\n\n## Queue `again`: now\n\ntext\n')
  expect(owner).toBe('sre')
  expect(sections).toEqual([{ id: 'queue-again-now', title: 'Queue again: now' }])
  expect(tokens.map(({ type }) => type).filter((type) => type !== 'space')).toEqual(['heading', 'paragraph'])
})

test('what has no front matter is a page all the same; no text, no sections', () => {
  expect(parse('## A\n')).toMatchObject({ owner: null, sections: [{ id: 'a', title: 'A' }] })
  expect(parse('')).toMatchObject({ owner: null, sections: [] })
})

test('links go to pages, to places in this page, and to the web; anything else is text', () => {
  expect(goes('ocr-failures.md')).toEqual({ to: 'page', page: 'ocr-failures', anchor: null })
  expect(goes('unclassified.md#diagnosis')).toEqual({ to: 'page', page: 'unclassified', anchor: 'diagnosis' })
  expect(goes('#mitigation')).toEqual({ to: 'here', anchor: 'mitigation' })
  expect(goes('https://example.org/x')).toMatchObject({ to: 'outside' })
  for (const href of [
    ...[
      'javascript:alert(1)',
      'JavaScript:alert(1)',
      'java\nscript:alert(1)',
      'data:text/html,x',
      '//evil.example/x.md',
    ],
    ...['coverage.yaml', '../ARCHITECTURE.md', '/etc/passwd', 'x.md?y', 'file:///x.md', 'vbscript:x', '#"><img>', ''],
  ])
    expect(goes(href), href).toEqual({ to: 'nowhere' })
})

test.each(pages)('every link in %s to a page and a place in it arrives', (file) => {
  const { tokens } = parse(readFileSync(join(RUNBOOK, file), 'utf8'))
  const links: string[] = []
  const walk = (list: unknown): void => {
    if (Array.isArray(list)) list.forEach(walk)
    else if (list !== null && typeof list === 'object') {
      if ((list as { type?: string }).type === 'link') links.push(String((list as { href?: unknown }).href))
      Object.values(list).forEach(walk)
    }
  }
  walk(tokens)
  for (const href of links) {
    const to = goes(href)
    if (to.to === 'nowhere') expect(href).toBe('coverage.yaml')
    if (to.to !== 'page' && to.to !== 'here') continue
    const other = to.to === 'here' ? file : `${to.page}.md`
    expect(pages, href).toContain(other)
    if (to.anchor === null) continue
    const headings = parse(readFileSync(join(RUNBOOK, other), 'utf8')).tokens.filter(({ type }) => type === 'heading')
    expect(
      headings.map((heading) => anchorOf(plain(heading))),
      href,
    ).toContain(to.anchor)
  }
})
