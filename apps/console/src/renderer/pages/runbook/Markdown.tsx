import { Link } from '@tanstack/react-router'
import type { Token, Tokens } from 'marked'
import { Fragment, type ReactNode } from 'react'
import { paths } from '../../paths.js'
import { CopyBlock } from '../../ui/CopyBlock.js'
import css from './Markdown.module.css'
import { anchorOf, goes, plain } from './markdown.js'

/** Tokens of a page as elements. No HTML is made of text anywhere, and HTML in it is shown as it is written. */
export function Markdown({ tokens, recipes }: { tokens: readonly Token[]; recipes: ReadonlySet<string> }) {
  return (
    <div className={css.page}>
      <All tokens={tokens} recipes={recipes} />
    </div>
  )
}

interface With {
  /** Ids of recipes: their names in a page are links to them. */
  recipes: ReadonlySet<string>
}

const All = ({ tokens = [], recipes }: { tokens: readonly Token[] | undefined } & With) =>
  tokens.map((token, at) => <One key={at} token={token as Tokens.Generic} recipes={recipes} />)

/** One token. Of a kind that is not known its words are shown. */
function One({ token, recipes }: { token: Tokens.Generic } & With): ReactNode {
  const inner = <All tokens={token.tokens} recipes={recipes} />
  switch (token.type) {
    case 'space':
    case 'def':
      return null
    case 'heading': {
      // The title of the page is its h1.
      const Level = (['h2', 'h2', 'h3', 'h4', 'h5', 'h6'] as const)[Number(token['depth']) - 1] ?? 'h6'
      return <Level id={anchorOf(plain(token))}>{inner}</Level>
    }
    case 'paragraph':
      return <p>{inner}</p>
    case 'text':
      return token.tokens ? inner : String(token['text'])
    case 'strong':
      return <strong>{inner}</strong>
    case 'em':
      return <em>{inner}</em>
    case 'del':
      return <del>{inner}</del>
    case 'br':
      return <br />
    case 'hr':
      return <hr />
    case 'blockquote':
      return <blockquote>{inner}</blockquote>
    case 'codespan':
      return <Code text={String(token['text'])} recipes={recipes} />
    case 'code':
      return <CopyBlock text={String(token['text'])} language={String(token['lang'] ?? '')} />
    case 'list':
      return <List token={token as Tokens.List} recipes={recipes} />
    case 'table':
      return <Table token={token as Tokens.Table} recipes={recipes} />
    case 'link':
      return <To href={String(token['href'])}>{inner}</To>
    case 'image':
      return <>[{String(token['text'])}]</>
    case 'escape':
      return String(token['text'])
    default:
      return <Fragment>{token.raw}</Fragment>
  }
}

const Code = ({ text, recipes }: { text: string } & With) =>
  recipes.has(text) ? (
    <Link to={paths.recipe} params={{ id: text }}>
      <code>{text}</code>
    </Link>
  ) : (
    <code>{text}</code>
  )

function List({ token: { ordered, start, items }, recipes }: { token: Tokens.List } & With) {
  const rows = items.map((item, at) => (
    <li key={at}>
      <All tokens={item.tokens} recipes={recipes} />
    </li>
  ))
  return ordered ? <ol start={typeof start === 'number' ? start : 1}>{rows}</ol> : <ul>{rows}</ul>
}

function Table({ token: { header, rows }, recipes }: { token: Tokens.Table } & With) {
  return (
    <div className={css.wide} role="group" aria-label={`Table: ${header.map(plainCell).join(', ')}`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {header.map((cell, at) => (
              <th key={at} scope="col">
                <All tokens={cell.tokens} recipes={recipes} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, column) => (
                <td key={column}>
                  <All tokens={cell.tokens} recipes={recipes} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const plainCell = ({ tokens }: Tokens.TableCell): string => tokens.map(plain).join('')

function To({ href, children }: { href: string; children: ReactNode }) {
  const to = goes(href)
  if (to.to === 'page')
    return (
      <Link to={paths.runbookPage} params={{ page: to.page }} {...(to.anchor === null ? {} : { hash: to.anchor })}>
        {children}
      </Link>
    )
  if (to.to === 'here') return <a href={`#${to.anchor}`}>{children}</a>
  if (to.to === 'outside')
    return (
      <a href={to.url.href} target="_blank" rel="noopener noreferrer">
        {children} <span aria-hidden>↗</span>
      </a>
    )
  return (
    <>
      {children} (<code>{href}</code>)
    </>
  )
}
