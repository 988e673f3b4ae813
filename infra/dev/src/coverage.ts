import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rehearsals, type Rehearsal } from '@firebreak/catalog/rehearsals'
import { parse } from 'yaml'
import { z } from 'zod'
import { ROOT } from './root.js'

const duty = z.strictObject({
  line: z.string().min(1),
  page: z.string().min(1),
  recipe: z.string().min(1).nullable(),
  /** What breaks in the rehearsal that shows it, as `nameOf` says it; missing where there is nothing to rehearse. */
  rehearsal: z.string().min(1).optional(),
  status: z.enum(['covered', 'planned']),
})
export type Duty = z.output<typeof duty>

/** How it is with one line of the checklist: done by a recipe and rehearsed, by people, or not yet. */
export interface Covered extends Duty {
  says: 'rehearsed' | 'not rehearsed' | 'people' | 'missing'
}

/** By what a rehearsal is named: what breaks in it, and what stands around. */
export const nameOf = ({ faults, around = [] }: Rehearsal): string => [...faults, ...around].join(' + ')

/** Every duty of `runbook/coverage.yaml`, in its order. */
export const duties = (root = ROOT): Duty[] =>
  z.array(duty).parse(parse(readFileSync(join(root, 'runbook/coverage.yaml'), 'utf8')))

/** Whether each duty is done, and shown: a rehearsal counts when its recipe has it. */
export function coverageOf(
  all: readonly Duty[],
  known: ReadonlyMap<string, readonly Rehearsal[]> = rehearsals,
): Covered[] {
  return all.map((one) => {
    if (one.recipe === null) return { ...one, says: 'people' }
    if (one.status === 'planned') return { ...one, says: 'missing' }
    const shown = (known.get(one.recipe) ?? []).some((rehearsal) => nameOf(rehearsal) === one.rehearsal)
    return { ...one, says: shown ? 'rehearsed' : 'not rehearsed' }
  })
}

/** The sum, in one line. */
export function totalOf(covered: readonly Covered[]): string {
  const count = (says: Covered['says']) => covered.filter((one) => one.says === says).length
  const bare = count('not rehearsed')
  return (
    `${covered.length} duties: ${count('rehearsed')} done by a recipe and rehearsed, ${count('people')} people's work, ` +
    `${count('missing')} missing${bare === 0 ? '' : `, ${bare} done by a recipe and not rehearsed`}`
  )
}

/** The table: what is asked, who does it, what shows it, and how it is. What is missing stands there as such. */
export function tableOf(covered: readonly Covered[]): string[] {
  const rows = covered.map(({ line, recipe, rehearsal, says }) => [line, recipe ?? '–', rehearsal ?? '–', says])
  const head = ['line', 'recipe', 'rehearsal', 'status']
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => row[at]!.length)))
  return [head, ...rows].map((row) => row.map((cell, at) => cell.padEnd(widths[at]!)).join('  ').trimEnd()) // prettier-ignore
}
