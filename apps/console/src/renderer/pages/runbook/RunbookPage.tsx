import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useEffect, useMemo } from 'react'
import { runbookPageQuery, runbookQuery } from '../../api/runbook.js'
import type { RunbookPage as Page } from '../../api/view.js'
import { paths } from '../../paths.js'
import { PageHead } from '../../ui/PageHead.js'
import { Loaded, Pane } from '../../ui/Pane.js'
import { useTitle } from '../../ui/title.js'
import { KeptNote } from './KeptNote.js'
import { Markdown } from './Markdown.js'
import { parse } from './markdown.js'
import css from './RunbookPage.module.css'

/** One page of the runbook: what to do, by recipe and by hand. It is there when everything else is down. */
export function RunbookPage() {
  const { page } = useParams({ from: '/runbook/$page' })
  const query = useQuery(runbookPageQuery(page))
  useTitle(query.data?.data.title ?? 'Runbook')
  return (
    <>
      <PageHead title={query.data?.data.title ?? 'Runbook'}>
        <Link to={paths.runbook}>All pages</Link>
      </PageHead>
      <Loaded dated query={query} what="this page of the runbook" rows={10}>
        {(held) => (
          <>
            <KeptNote held={held} />
            <Read page={held.data} />
          </>
        )}
      </Loaded>
    </>
  )
}

function Read({ page: { markdown, recipes } }: { page: Page }) {
  const index = useQuery(runbookQuery)
  const { owner, tokens, sections } = useMemo(() => parse(markdown), [markdown])
  const known = new Set([...recipes, ...(index.data?.data.items.flatMap((item) => item.recipes) ?? [])])
  useEffect(() => {
    // The router went to the place that the link names before there was one.
    if (location.hash !== '') document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView()
  }, [markdown])
  return (
    <div className={css.room}>
      <article className={css.article}>
        <Markdown tokens={tokens} recipes={known} />
      </article>
      <aside className={css.side} aria-label="About this page">
        {sections.length === 0 ? null : (
          <Pane title="On this page">
            <ul className={css.links}>
              {sections.map(({ id, title }) => (
                <li key={id}>
                  <a href={`#${id}`}>{title}</a>
                </li>
              ))}
            </ul>
          </Pane>
        )}
        <Pane title="Recipes of this page">
          {recipes.length === 0 ? (
            <p className={css.none}>None: it is people’s work.</p>
          ) : (
            <ul className={css.links}>
              {recipes.map((id) => (
                <li key={id}>
                  <Link to={paths.recipe} params={{ id }}>
                    {id}
                  </Link>
                </li>
              ))}
            </ul>
          )}
        </Pane>
        {owner === null ? null : (
          <p className={css.none}>
            Kept by <b>{owner}</b>
          </p>
        )}
      </aside>
    </div>
  )
}
