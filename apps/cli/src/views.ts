import type { Shape } from '@firebreak/client'
import type { Output } from './terminal/output.js'
import type { Cell, Colour } from './terminal/table.js'

/** How things of the API look on a terminal. */

const COLOURS: Record<string, Colour> = {
  ...{
    succeeded: 'green',
    resolved: 'green',
    done: 'green',
    returned: 'green',
    ready: 'green',
    approved: 'green',
    closed: 'green',
    used: 'green',
  },
  ...{
    failed: 'red',
    'needs-a-person': 'red',
    unknown: 'red',
    firing: 'red',
    overdue: 'red',
    stopped: 'red',
    refused: 'red',
  },
  ...{
    open: 'yellow',
    undone: 'yellow',
    kept: 'yellow',
    frozen: 'yellow',
    stale: 'yellow',
    cancelled: 'yellow',
    expired: 'yellow',
    waiting: 'yellow',
  },
  ...{ SEV1: 'red', SEV2: 'red', SEV3: 'yellow' },
}

/** A state, in its colour. */
export const state = (word: string): string | { text: string; colour: Colour } =>
  COLOURS[word] ? { text: word, colour: COLOURS[word] } : word

/** `2026-11-23 03:02:11Z`: UTC, to the second. */
export const at = (time: string | null | undefined): string =>
  time ? `${time.slice(0, 10)} ${time.slice(11, 19)}Z` : ''

/** Yes, or the reason why not and who can. */
export function may({ ok, reason, who }: Shape<'May'>): Cell {
  if (ok) return { text: 'yes', colour: 'green' }
  return `no: ${reason ?? ''}${who && who.length > 0 ? ` (${who.join(', ')})` : ''}`
}

const json = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** What changes between two values, a line each: `replicas  2 → 5`; what stays is left out. */
export function changes(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const [old, now] = [before[name], after[name]]
    if (JSON.stringify(old) === JSON.stringify(now)) return []
    if (isObject(old) && isObject(now)) return changes(old, now).map((line) => `${name}.${line}`)
    return [
      `${name}  ${old === undefined ? '(not there)' : json(old)} → ${now === undefined ? '(not there)' : json(now)}`,
    ]
  })
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The whole plan: what it would do, by which facts, how far it reaches, and who may say yes. */
export function plan(out: Output, it: Shape<'Plan'>): void {
  const { body, quorum } = it
  out.line(
    { text: it.id, colour: 'bold' },
    state(it.state),
    `${it.recipe.title} (${it.recipe.id} v${it.recipe.version})`,
  )
  out.fields([
    ['meaning', it.recipe.meaning],
    ['impact', it.recipe.impact],
    ['because', it.because ?? undefined],
    ['incident', it.incident ?? undefined],
    ['asked by', `${it.requested_by.name}, ${at(it.requested_at)}${it.reason === '' ? '' : `: ${it.reason}`}`],
    ['takes back', it.reverts ?? undefined],
    ['run', it.run ?? undefined],
  ])
  if (body) {
    out.heading('What it does')
    body.steps.forEach((step, number) => {
      out.line({ text: `${number + 1}. ${step.says}`, colour: 'bold' })
      const undo = 'says' in step.undo ? step.undo.says : step.undo.none
      out.fields([
        ['   targets', step.targets.join(', ')],
        ['   change', changes(step.before, step.after).join('\n') || 'nothing that is seen beforehand'],
        ['   way back', step.reversible === 'no' ? { text: `none: ${undo}`, colour: 'red' } : undo],
        ['   loan', step.loan_minutes === null ? undefined : `given back after ${step.loan_minutes} minutes`],
        ['   each of', step.items ? `${step.items.length}` : undefined],
      ])
    })
    const { blast_radius: reach, approval } = body
    out.heading('How far it reaches')
    out.fields([
      [
        'touches',
        `${count(reach.targets, 'target')}, ${count(reach.steps, 'step')}${reach.items === undefined ? '' : `, ${count(reach.items, 'item')}`}`,
      ],
      [
        'facts',
        changes({}, body.facts)
          .map((line) => line.replace('(not there) → ', ''))
          .join('\n'),
      ],
      ['verified', `${body.verify.says} (within ${body.verify.within_s} s)`],
      ['expires', at(it.expires_at)],
    ])
    const asksSomebody = approval.people > 0
    out.heading('Who may approve')
    out.fields([
      [
        'tier',
        `${approval.tier}${approval.raised_from ? ` (raised from ${approval.raised_from})` : ''}: ${asksSomebody ? `${count(approval.people, 'person', 'people')} of ${approval.roles.join(', ')}` : 'nobody has to, for it only looks'}`,
      ],
      ['given', asksSomebody ? `${quorum.given} of ${quorum.needed}` : undefined],
      ...it.approvals.map((one): [string, Cell] => [
        one.decision === 'yes' ? 'yes' : 'no',
        `${one.by.name}, ${at(one.at)}${one.note === '' ? '' : `: ${one.note}`}`,
      ]),
      ['approve', asksSomebody ? may(it.may.approve) : undefined],
      ['refuse', may(it.may.refuse)],
      ['to type', it.to_type ?? undefined],
      ['digest', it.digest ?? undefined],
    ])
  }
}

export const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`

export function run(out: Output, it: Shape<'Run'>): void {
  out.line({ text: it.id, colour: 'bold' }, state(it.state), it.recipe.title)
  out.fields([
    ['because', it.because ?? undefined],
    ['plan', it.plan],
    ['incident', it.incident ?? undefined],
    ['verified', `${it.verify.says} (within ${it.verify.within_s} s)`],
    ['started', at(it.started_at)],
    ['goes on', at(it.goes_on_at)],
    ['ended', at(it.ended_at)],
    ['loans', it.loans.join(', ')],
    ['cancel', it.ended_at === null ? may(it.may.cancel) : undefined],
    ['answer', it.state === 'needs-a-person' ? may(it.may.resolve) : undefined],
  ])
  out.heading('Steps')
  out.rows(
    ['#', 'STATE', 'STEP', 'TRY', 'CHANGE', 'BECAUSE'],
    it.steps.map((step) => [
      step.number,
      state(step.state),
      step.says,
      step.attempt > 1 ? step.attempt : '',
      step.after ? changes(step.before ?? {}, step.after).join('; ') : '',
      step.because ?? '',
    ]),
    'no steps',
  )
}

export function incident(out: Output, it: Shape<'Incident'>): void {
  out.line({ text: it.id, colour: 'bold' }, state(it.severity), state(it.state), it.title)
  out.fields([
    ['class', it.class],
    ['service', [it.service, it.environment].filter(Boolean).join(' in ')],
    ['phase', it.phase],
    ['owner', it.owner?.name ?? 'nobody'],
    ['opened', at(it.opened_at)],
    ['resolved', at(it.resolved_at)],
    ['plans', it.plans.join('\n')],
    ['acknowledge', may(it.may.acknowledge)],
    ['resolve', may(it.may.resolve)],
  ])
  out.heading('Alerts')
  out.rows(
    ['STATE', 'SINCE', 'SOURCE', 'LABELS'],
    it.alerts.map((alert) => [state(alert.state), at(alert.starts_at), alert.source, labels(alert.labels)]),
    'none',
  )
}

export const labels = (of: Record<string, string>): string =>
  Object.entries(of)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
