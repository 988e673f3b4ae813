import { useQuery } from '@tanstack/react-query'
import { graduationsQuery } from '../../api/recipes.js'
import type { Recipe } from '../../api/view.js'
import { Loaded, Pane } from '../../ui/Pane.js'
import { Time } from '../../ui/Time.js'
import css from './StagePane.module.css'
import { stageName, stageSays, versionSays } from './words.js'

/** How far a recipe may go by itself: where it is, what its version has come to, and where it may go from here. */
export function StagePane({ recipe }: { recipe: Recipe }) {
  const query = useQuery(graduationsQuery(recipe.id))
  return (
    <Pane title="Stage" head={<b>{stageName[recipe.stage]}</b>}>
      <p className={css.says}>{stageSays[recipe.stage]}</p>
      <Loaded query={query} what="its stages" rows={3}>
        {({ record, to, items, version }) => (
          <>
            <p className={css.record}>
              Version {version}: {versionSays(record).join('; ')}.
            </p>
            <ul className={css.to} aria-label="Where it may go">
              {to.map(({ stage, may }) => (
                <li key={stage} data-ok={may.ok}>
                  <span aria-hidden>{may.ok ? '✓' : '✗'}</span> <b>{stageName[stage]}</b>:{' '}
                  {may.ok ? 'you may move it there' : (may.reason ?? 'you may not move it there')}
                </li>
              ))}
            </ul>
            {items.length === 0 ? (
              <p className={css.record}>Nobody has moved it: it is where its file says.</p>
            ) : (
              <ul className={css.to} aria-label="Who moved it">
                {items.slice(0, 5).map(({ id, from, to, by, reason, at }) => (
                  <li key={id}>
                    <Time at={at} /> <b>{by.name}</b>: {stageName[from]} → {stageName[to]}, “{reason}”
                  </li>
                ))}
              </ul>
            )}
          </>
        )}
      </Loaded>
    </Pane>
  )
}
