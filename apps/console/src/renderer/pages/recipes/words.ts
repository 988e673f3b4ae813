import type { Graduations, Recipe } from '../../api/view.js'
import { many } from '../../ui/many.js'

export type Stage = Recipe['stage']

/** How far a recipe goes by itself. */
export const stageName: Record<Stage, string> = { watch: 'watches', propose: 'proposes', auto: 'may act' }

export const stageSays: Record<Stage, string> = {
  watch: 'It looks when an alert fits, and only says what it would have proposed. People may ask it for a plan.',
  propose: 'It makes a plan when an alert fits, and people decide about it.',
  auto: 'Where somebody approved it in advance, it starts by itself. Elsewhere it proposes.',
}

/** What moving it will do, in one sentence that can be read without the page around it. */
export const moveSays = (
  { title, id }: Pick<Recipe, 'title' | 'id'>,
  { version, stage }: Pick<Graduations, 'version' | 'stage'>,
  to: Stage,
): string =>
  `Move “${title}” (${id}, version ${version}) from “${stageName[stage]}” to “${stageName[to]}”. ${stageSays[to]}`

/** What came of a recipe, shortly: `12 runs, 92 % verified`. A share of few runs is said as a count. */
export function recordSays({ runs, succeeded, needed_a_person: stuck }: Recipe['record']): string {
  if (runs === 0) return 'never run'
  const good = runs < 10 ? `${succeeded} verified` : `${Math.floor((100 * succeeded) / runs)} % verified`
  return `${many(runs, 'run')}, ${good}${stuck === 0 ? '' : `, ${stuck} needed a person`}`
}

/** What a version has come to, as whoever would let it go further reads it. */
export function versionSays(record: Graduations['record']): string[] {
  const { watched, stopped, proposed, refused, runs, succeeded, undone, needed_a_person: stuck } = record
  return [
    watched > 0 ? `looked ${many(watched, 'time')} and would have done something` : '',
    stopped > 0 ? `said stop ${many(stopped, 'time')}` : '',
    `${many(proposed, 'plan')}${refused > 0 ? `, ${refused} refused` : ''}`,
    runs === 0 ? 'no run' : `${many(runs, 'run')}: ${succeeded} verified${undone > 0 ? `, ${undone} undone` : ''}${stuck > 0 ? `, ${stuck} needed a person` : ''}`, // prettier-ignore
  ].filter((part) => part !== '')
}
