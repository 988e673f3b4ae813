import { marked, type Token, type TokensList } from 'marked'
import { outside } from '../../paths.js'

/*
 * A page of the runbook, taken apart. Nothing here makes HTML: the tokens become elements one by one (`Markdown.tsx`), and
 * what looks like HTML in them is text.
 */

export interface Parsed {
  /** Who keeps the page, as its front matter says. */
  owner: string | null
  tokens: Token[]
  /** The sections, in order: their anchors as links of other pages name them, and their words. */
  sections: { id: string; title: string }[]
}

/** Longer than any page that a person wrote: what is behind that is not parsed. Characters. */
const MOST = 500_000

/** A page without its front matter and its title, which stands in the head of the page. */
export function parse(markdown: string): Parsed {
  const [, front = '', body = markdown] = /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/.exec(markdown) ?? []
  const lexed: TokensList = marked.lexer(body.slice(0, MOST), { gfm: true })
  const tokens = lexed.filter((token) => !(token.type === 'heading' && token['depth'] === 1))
  return {
    owner: /^owner:\s*(.+?)\s*$/m.exec(front)?.[1] ?? null,
    tokens,
    sections: tokens.flatMap((token) =>
      token.type === 'heading' && token['depth'] === 2
        ? [{ id: anchorOf(String(token['text'])), title: plain(token) }]
        : [],
    ),
  }
}

/** The anchor of a heading, as the hosts of code make it: `Queue again: requeue` is `queue-again-requeue`. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[`*_~]/g, '')
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replace(/\s/g, '-')

/** The words of a token, without its marks. */
export function plain(token: Token): string {
  const { tokens, text } = token as { tokens?: Token[]; text?: unknown }
  return tokens ? tokens.map(plain).join('') : typeof text === 'string' ? text : ''
}

/** Where a link of a page goes. */
export type Goes =
  | { to: 'page'; page: string; anchor: string | null }
  | { to: 'here'; anchor: string }
  | { to: 'outside'; url: URL }
  /** Nowhere that this page would follow: a file of the repository, or something else than the web. */
  | { to: 'nowhere' }

export function goes(href: string): Goes {
  const here = /^#([\p{L}\p{N}-]+)$/u.exec(href)
  if (here) return { to: 'here', anchor: here[1]! }
  const page = /^(?:\.\/)?([a-z0-9-]+)\.md(?:#([\p{L}\p{N}-]+))?$/u.exec(href)
  if (page) return { to: 'page', page: page[1]!, anchor: page[2] ?? null }
  const url = /^https?:\/\//i.test(href) ? outside(href) : undefined
  return url ? { to: 'outside', url } : { to: 'nowhere' }
}
