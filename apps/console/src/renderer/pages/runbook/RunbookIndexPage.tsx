import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Fragment } from 'react'
import { runbookQuery } from '../../api/runbook.js'
import { paths } from '../../paths.js'
import { HeldTable } from '../../ui/HeldTable.js'
import list from '../../ui/list.module.css'
import { PageHead } from '../../ui/PageHead.js'
import { Loaded } from '../../ui/Pane.js'
import { useTitle } from '../../ui/title.js'
import { KeptNote } from './KeptNote.js'

/** The pages of the runbook. The one that says how an incident goes, and whom to call, is the first. */
export function RunbookIndexPage() {
  useTitle('Runbook')
  const query = useQuery(runbookQuery)
  return (
    <>
      <PageHead title="Runbook" />
      <Loaded dated query={query} what="the runbook" rows={8}>
        {(held) => (
          <>
            <KeptNote held={held} />
            <HeldTable
              items={held.data.items
                .map((item) => ({ ...item, id: item.page }))
                .sort((a, b) => Number(b.id === 'runbook') - Number(a.id === 'runbook'))}
              caption="Pages of the runbook"
              columns={['Page', 'Recipes that carry it out']}
              noun="page"
              where="Runbook"
              cells={({ item: { id, title, recipes } }) => (
                <>
                  <td className={list.long}>
                    <Link to={paths.runbookPage} params={{ page: id }}>
                      {title}
                    </Link>
                    {id === 'runbook' ? (
                      <span className={list.under}>whom to call, and how an incident goes: begin here</span>
                    ) : null}
                  </td>
                  <td className={list.long}>
                    {recipes.length === 0 ? <span className={list.dim}>none: people’s work</span> : null}
                    {recipes.map((recipe, at) => (
                      <Fragment key={recipe}>
                        {at === 0 ? '' : ', '}
                        <span className={list.over}>
                          <Link to={paths.recipe} params={{ id: recipe }}>
                            {recipe}
                          </Link>
                        </span>
                      </Fragment>
                    ))}
                  </td>
                </>
              )}
              nothing={
                <>
                  <b>The runbook has no page.</b> Its folder is <code>RUNBOOK_FOLDER</code> of the API.
                </>
              }
            />
          </>
        )}
      </Loaded>
    </>
  )
}
