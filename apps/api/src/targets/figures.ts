import type { Figure as Row } from '@firebreak/flow'
import type { z } from 'zod'
import type { Figure } from '../incidents/incidents.schema.js'

/**
 * SQL that selects figures, of each the row with the finest step, or the one that reaches back farthest. They come by target and
 * name.
 */
export const figuresWhere = (condition: string, reach: 'fine' | 'far' = 'fine') => `
  select distinct on (target, value->>'name') id, target, value, at from flow.figure where ${condition}
  order by target, value->>'name', (value->>'step_s')::int ${reach === 'fine' ? 'asc' : 'desc'}`

/** A figure as it is told: with its age, and without its query, which is the house's own. */
export function figureView({ target, at, value: { query: _, ...value } }: Row, now: Date): z.input<typeof Figure> {
  return { target, ...value, at, age_ms: at === null ? null : Math.max(0, now.getTime() - Date.parse(at)) }
}

/**
 * The same figure by fewer points: of every so many seconds the highest value, so that no peak is lost; null where none is known.
 *
 * @param every seconds; a figure whose points are farther apart stays as it is
 */
export function thinned(figure: z.input<typeof Figure>, every: number): z.input<typeof Figure> {
  if (figure.step_s >= every) return figure
  const highest = new Map<number, number | null>()
  for (const [second, value] of figure.points) {
    const begin = Math.floor(second / every) * every
    const before = highest.get(begin) ?? null
    highest.set(begin, value === null || before === null ? (before ?? value) : Math.max(before, value))
  }
  return { ...figure, step_s: every, points: [...highest] }
}
