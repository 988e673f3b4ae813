import type { RunStep } from '../src/renderer/api/view.js'
import type { Night } from './night.js'
import type { LoanRecord, RunRecord } from './world.js'

/*
 * Runs of the days before tonight: enough that a list has pages, and one of each kind that a person has to read closely.
 */

const MINUTE = 60_000

/** Adds them to the night: the oldest first, each `minutes` ago. */
export function seedRuns(night: Night): void {
  for (let day = 60; day >= 1; day--) night.world.runs.set(...past(night, day))
  const now = night.options.now().getTime()
  const at = (minutes: number) => new Date(now - minutes * MINUTE).toISOString()
  stuck(night, at)
  requeued(night, at)
  setAside(night, at)
  lent(night, at)
}

const step = (night: Night, different: Partial<RunStep> & Pick<RunStep, 'says' | 'verb' | 'targets'>): RunStep => ({
  ...{ id: night.newId('stp'), number: 1, undo_says: null, state: 'done', attempt: 1 },
  ...{ intended_at: null, ended_at: null, before: null, after: null, because: null, items: null },
  ...different,
})

function runOf(night: Night, different: Partial<RunRecord> & Pick<RunRecord, 'recipe' | 'steps' | 'started_at'>) {
  const id = night.newId('run')
  const run: RunRecord = {
    ...{ id, plan: night.newId('pln'), plan_digest: `sha256:${id.slice(-8).repeat(8)}`, standing: null },
    ...{ incident: null, state: 'succeeded', because: null, verifying_at: null, goes_on_at: null, ended_at: null },
    ...{ loans: [], reverts: null, verify: { within_s: 120, says: 'What was asked for is there.' } },
    ...different,
  }
  night.world.runs.set(id, run)
  return run
}

const kinds = [
  ['scale-api', 'Scale a service that is slow under load', 'scale-deployment', 'deployment:prod/api'],
  ['pin-model', 'Pin a model to the version that it has loaded', 'set-deployment-env', 'deployment:prod/model'],
  ['pause-batch', 'Pause batch work that gets in the way', 'suspend-cron-job', 'cronjob:prod/import'],
] as const

function past(night: Night, day: number): [string, RunRecord] {
  const [id, title, verb, target] = kinds[day % kinds.length]!
  const started = night.options.now().getTime() - day * 24 * 60 * MINUTE
  const at = (seconds: number) => new Date(started + seconds * 1_000).toISOString()
  const failed = day % 11 === 0
  const because = failed
    ? 'Not verified within 120 s: p95 of api is 790 ms (threshold 500 ms).'
    : 'p95 of api is 171 ms (threshold 500 ms), and 5 of 5 replicas are ready.'
  const run = runOf(night, {
    ...{ recipe: { id, title }, started_at: at(0), verifying_at: at(12), ended_at: at(40 + (day % 7) * 9), because },
    state: failed ? 'failed' : day % 13 === 0 ? 'undone' : 'succeeded',
    steps: [step(night, { says: title, verb, targets: [target], intended_at: at(1), ended_at: at(9) })],
  })
  return [run.id, run]
}

/** A worker was gone in the middle of a change: nobody knows whether it was made. */
function stuck(night: Night, at: (minutes: number) => string): void {
  runOf(night, {
    recipe: { id: 'restart-ocr', title: 'Restart OCR engines that hang' },
    ...{ state: 'needs-a-person', started_at: at(52) },
    because: 'Whether step 2 was done cannot be told: the connection broke while it was being done.',
    steps: [
      step(night, {
        ...{
          says: 'Take one OCR engine out of the rotation',
          verb: 'set-config-key',
          targets: ['config-map:prod/ocr-routing'],
        },
        ...{ undo_says: 'Put the OCR engine back into the rotation', intended_at: at(52), ended_at: at(51.8) },
        ...{ before: { engine: 'primary' }, after: { engine: 'fallback' } },
      }),
      step(night, {
        ...{ number: 2, says: 'Restart deployment prod/ocr-primary', verb: 'restart-deployment', attempt: 3 },
        ...{ targets: ['deployment:prod/ocr-primary'], state: 'unknown', intended_at: at(51) },
        because:
          'unreachable: the answer did not come; what was looked at afterwards speaks neither for it nor against it',
      }),
    ],
  })
}

/** Many jobs in one step; some of them failed again. */
function requeued(night: Night, at: (minutes: number) => string): void {
  runOf(night, {
    recipe: { id: 'requeue-failed-jobs', title: 'Queue failed jobs again' },
    ...{ state: 'failed', started_at: at(240), verifying_at: at(238), ended_at: at(236) },
    verify: { within_s: 120, says: 'Each of the 12 jobs of batch has come through, and its output is there.' },
    because: 'Not verified within 120 s: 9 of 12 outputs are there, and 41, 44 failed again.',
    steps: [
      step(night, {
        ...{
          says: 'Queue 12 jobs of batch again',
          verb: 'requeue-job',
          state: 'failed',
          intended_at: at(240),
          ended_at: at(238),
        },
        targets: Array.from({ length: 12 }, (_, number) => `job:batch/${number + 36}`),
        because: '2 of 12 failed, and more than 0 % is too many.',
        items: {
          ...{ count: 12, states: { done: 9, failed: 2, kept: 1 } },
          named: [
            { number: 6, state: 'failed', because: 'job 41 failed again: NoSuchKey: incomming/2026/41.png' },
            { number: 9, state: 'failed', because: 'job 44 failed again: NoSuchKey: incomming/2026/44.png' },
            { number: 12, state: 'kept', because: 'its output is there: done again, it would be made twice' },
          ],
        },
      }),
    ],
  })
}

/** For good, and perhaps too much: it can be taken back. */
function setAside(night: Night, at: (minutes: number) => string): void {
  runOf(night, {
    recipe: { id: 'quarantine-input', title: 'Set corrupted inputs aside' },
    ...{ started_at: at(130), verifying_at: at(129), ended_at: at(128) },
    because: 'None of the inputs lies in the way.',
    steps: [
      step(night, {
        ...{
          says: 'Move incoming/2026/scan-0047.png aside to quarantine: it ends in the middle',
          verb: 'set-object-aside',
        },
        ...{ undo_says: 'Move incoming/2026/scan-0047.png back', targets: ['bucket:documents'] },
        ...{
          intended_at: at(130),
          ended_at: at(129.5),
          before: { object: 'in its place' },
          after: { object: 'aside' },
        },
      }),
    ],
  })
}

/** What is out tonight, and one that should have come back. */
function lent(night: Night, at: (minutes: number) => string): void {
  const lend = (minutes: number, loan: Pick<LoanRecord, 'target' | 'says' | 'state' | 'minutes' | 'because'>) => {
    const run = runOf(night, {
      ...{ recipe: { id: 'divert-ocr', title: 'Divert OCR to the fallback engine' }, started_at: at(minutes) },
      ...{ ended_at: at(minutes - 2), because: 'The fallback reads: 0 % of the samples are wrong.' },
      steps: [
        step(night, { says: 'Send documents to the fallback engine', verb: 'set-config-key', targets: [loan.target] }),
      ],
    })
    const id = night.newId('lon')
    const returned_at = loan.state === 'returned' ? at(minutes - loan.minutes) : null
    const out = { id, run: run.id, out_at: at(minutes), until: at(minutes - loan.minutes), returned_at, ...loan }
    night.world.loans.set(id, out)
    run.loans.push(id)
  }
  const says = 'Send documents to the primary engine again'
  lend(70, { target: 'ocr:documents', says, state: 'out', minutes: 180, because: null })
  lend(95, {
    ...{ target: 'cronjob:prod/import', says: 'Let CronJob prod/import run again', state: 'overdue', minutes: 60 },
    because: 'It could not be given back: the Kubernetes API answers 503. The worker tries again.',
  })
  lend(600, { target: 'ocr:documents', says, state: 'returned', minutes: 60, because: null })
}
