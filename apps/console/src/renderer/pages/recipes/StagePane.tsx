import { Button, Textarea } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { graduate, graduationsQuery } from '../../api/recipes.js'
import type { Graduations, Recipe } from '../../api/view.js'
import { ArmButton } from '../../ui/ArmButton.js'
import { useStale } from '../../ui/live.js'
import { Loaded, Pane } from '../../ui/Pane.js'
import { Time } from '../../ui/Time.js'
import css from './StagePane.module.css'
import { moveSays, stageName, stageSays, versionSays, type Stage } from './words.js'

/** How far a recipe may go by itself: where it is, what its version has come to, and where it may go from here. */
export function StagePane({ recipe }: { recipe: Recipe }) {
  const query = useQuery(graduationsQuery(recipe.id))
  return (
    <Pane title="Stage" head={<b>{stageName[recipe.stage]}</b>}>
      <p className={css.says}>{stageSays[recipe.stage]}</p>
      <Loaded query={query} what="its stages" rows={3}>
        {(stages) => (
          <>
            <p className={css.record}>
              Version {stages.version}: {versionSays(stages.record).join('; ')}.
            </p>
            <Moves recipe={recipe} stages={stages} />
            {stages.items.length === 0 ? (
              <p className={css.record}>Nobody has moved it: it is where its file says.</p>
            ) : (
              <ul className={css.to} aria-label="Who moved it">
                {stages.items.slice(0, 5).map(({ id, from, to, by, reason, at }) => (
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

/**
 * Where it may go from here: for each other stage why not, or the button that moves it. What may act by itself from then on
 * is armed and confirmed like anything else that changes what happens out there.
 */
function Moves({ recipe, stages }: { recipe: Recipe; stages: Graduations }) {
  const [to, setTo] = useState<Stage | null>(null)
  const [reason, setReason] = useState('')
  const queries = useQueryClient()
  const stale = useStale()
  const chosen = stages.to.find(({ stage }) => stage === to)
  return (
    <>
      <ul className={css.to} aria-label="Where it may go">
        {stages.to.map(({ stage, may }) => (
          <li key={stage} data-ok={may.ok}>
            <span aria-hidden>{may.ok ? '✓' : '✗'}</span> <b>{stageName[stage]}</b>:{' '}
            {may.ok ? (
              <Button
                size="compact-xs"
                variant="subtle"
                color="gray"
                aria-expanded={to === stage}
                onClick={() => setTo(to === stage ? null : stage)}
              >
                Move it there…
              </Button>
            ) : (
              (may.reason ?? 'you may not move it there')
            )}
          </li>
        ))}
      </ul>
      {chosen === undefined ? null : (
        <div className={css.move}>
          <Textarea
            label="Why"
            description="It stands in the log beside its record of today."
            autosize
            minRows={1}
            maxRows={4}
            size="xs"
            maxLength={2_000}
            value={reason}
            autoFocus
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <ArmButton
            what={`${stages.digest}/${chosen.stage}/${reason.trim()}`}
            quiet
            label={`Move it to “${stageName[chosen.stage]}”`}
            sentence={moveSays(recipe, stages, chosen.stage)}
            may={chosen.may}
            blocked={reason.trim() === '' ? 'Say why, for whoever reads the log.' : stale}
            onConfirm={async (_, key) => {
              await graduate(recipe.id, { digest: stages.digest, to: chosen.stage, reason: reason.trim() }, key)
              await queries.invalidateQueries({ queryKey: ['recipe'] })
              setTo(null)
              setReason('')
            }}
          />
        </div>
      )}
    </>
  )
}
