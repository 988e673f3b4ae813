import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rehearsals, type Rehearsal } from '@firebreak/catalog/rehearsals'
import { coverageOf, duties, nameOf, totalOf } from './coverage.js'
import { leaveForTheBench } from './crash/closing.js'
import { DataFolder } from './data-folder.js'
import { knownFaults, type Fault } from './faults.js'
import { startFirebreak, type RunningFirebreak } from './firebreak.js'
import { insistOn, OnCall } from './on-call.js'
import { freePort } from './processes.js'
import { parseSettings } from './settings.js'
import { Supervisor } from './supervisor.js'
import { Teller } from './teller.js'

const USAGE = `npm run rehearse -- --list            what can be rehearsed, and what can be broken
npm run rehearse -- <recipe>          breaks the sandbox for this recipe, and shows how it repairs it
npm run rehearse -- --all             every rehearsal there is, four at a time (--at-once <n> for another number)
npm run rehearse -- --fault <fault>   only breaks it, and shows the alert and the incident`

/** The sandbox's clock runs fast here: its monitors are its own, and the worker is told, so that it waits no longer than that. */
const SPEED = 5

/** Rehearsals wait more than they work; each has a Firebreak of its own, which is nine processes. */
const AT_ONCE = 4

type Print = (line: string) => void
const print: Print = (line) => void process.stdout.write(`${line}\n`)

interface Played {
  recipe: string
  rehearsal: Rehearsal
  /** From the alert to the run's end as it should be: verified, undone, or handed to a person. */
  to_end_s?: number
  alert?: string
  plan?: string
  failed?: string
}

/** `npm run rehearse`: in a Firebreak of its own, with its own data and free ports, which is gone afterwards. */
async function main(args: string[]): Promise<number> {
  const [first = '', fault = ''] = args
  if (first === '--list') return list(await faults())
  if (first === '--fault' && fault && args.length === 2) {
    const known = await faults()
    const found = known.find(({ name }) => name === fault)
    if (found) return inFirebreak((firebreak) => onlyBreak(firebreak, found))
    print(`There is no fault ${fault}. There are: ${known.map(({ name }) => name).join(', ')}`)
    return 2
  }
  const all = first === '--all'
  const atOnce = all && args[1] === '--at-once' ? Number(args[2]) : AT_ONCE
  const chosen = [...rehearsals]
    .filter(([recipe]) => all || first === recipe)
    .flatMap(([recipe, plays]) => plays.map((rehearsal) => ({ recipe, rehearsal })))
  if (chosen.length === 0 || args.length !== (args[1] === '--at-once' ? 3 : 1) || !(atOnce >= 1 && atOnce <= 16)) {
    print(first && !first.startsWith('--') ? `There is no rehearsal for ${first}.\n\n${USAGE}` : USAGE)
    return 2
  }
  const left = [...chosen]
  const stages = Array.from({ length: all ? Math.min(atOnce, left.length) : 1 }, () =>
    inFirebreak((firebreak) => playAll(firebreak, left, all)),
  )
  const ends = await Promise.allSettled(stages)
  const played = ends.flatMap((end) => (end.status === 'fulfilled' ? end.value : []))
  const broken = ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []))
  // A stage that broke takes nothing with it unseen: what was not played has failed.
  const missing = chosen
    .filter(({ rehearsal }) => !played.some((one) => one.rehearsal === rehearsal))
    .map((one): Played => ({ ...one, failed: broken.join('; ') }))
  if (all) leaveForTheBench('rehearsals.json', { rehearsals: [...played, ...missing].map(counted) })
  return close([...played, ...missing])
}

const counted = ({ recipe, rehearsal: { faults, ends }, to_end_s, failed }: Played) => ({
  recipe,
  faults,
  ends,
  to_end_s,
  failed,
})

/** Takes one rehearsal after the other off `left`, which other stages may share; prints it as it goes, or whole. */
async function playAll(
  firebreak: Stage,
  left: { recipe: string; rehearsal: Rehearsal }[],
  whole: boolean,
): Promise<Played[]> {
  const played: Played[] = []
  for (let next = left.shift(); next; next = left.shift()) {
    const lines: string[] = []
    const say: Print = whole ? (line) => void lines.push(line) : print
    played.push(await play(firebreak, next.recipe, next.rehearsal, say))
    if (whole) print(lines.join('\n'))
  }
  return played
}

const faults = () => knownFaults(parseSettings([], process.env).config)

function list(known: readonly Fault[]): number {
  print('Rehearsals: npm run rehearse -- <recipe>\n')
  for (const [recipe, plays] of rehearsals)
    for (const play of plays) {
      const { becomes, ends, says } = play
      print(`${recipe.padEnd(20)} ${nameOf(play).padEnd(26)} ${becomes.padEnd(18)} ${ends.padEnd(10)} ${says}`)
    }
  print('\nFaults of the sandbox: npm run rehearse -- --fault <fault>\n')
  for (const { name, becomes, says } of known)
    print(`${name.padEnd(18)} ${(becomes?.alertname ?? '–').padEnd(26)} ${(becomes?.page ?? '–').padEnd(18)} ${says}`)
  print(`\nThe runbook (npm run coverage): ${totalOf(coverageOf(duties()))}`)
  return 0
}

/** One rehearsal, from calm to its end. A part that does not come is why it failed. */
async function play(firebreak: Stage, recipe: string, rehearsal: Rehearsal, say: Print): Promise<Played> {
  const teller = new Teller(say)
  const people = new OnCall(firebreak, teller)
  const seen: Pick<Played, 'alert' | 'plan' | 'to_end_s'> = {}
  const done = (failed?: string): Played => ({
    recipe,
    rehearsal,
    ...seen,
    ...(failed === undefined ? {} : { failed }),
  })
  teller.title(`${recipe}: ${rehearsal.says}`)
  try {
    const { faults, around = [], ends, tells, notes, params } = rehearsal
    await people.returnWhatIsLeft([...faults, ...around], rehearsal.service)
    if (rehearsal.beforehand) await people.askAlone(recipe, rehearsal.beforehand)
    // What stands in the way of the repair is broken before what sets it off.
    for (const fault of [...around, ...faults.toReversed()]) await people.breakIt(fault)
    const incident = await people.firing(rehearsal.becomes, rehearsal.service)
    const alerted = performance.now()
    seen.alert = incident.title
    const reads = ends === 'stopped' || ends === 'found' || ends === 'failed'
    if (rehearsal.by_hand) {
      await people.mend(faults)
      await people.resolved(incident)
      // An incident that is over is planned nothing for.
      const { plan, because } = await people.askAlone(recipe, params, ends === 'failed' ? ends : 'succeeded')
      seen.plan = plan
      insistOn(because, tells)
    } else if (reads && rehearsal.asked) await people.ask(incident, recipe, params)
    if (rehearsal.by_hand) seen.to_end_s = secondsSince(alerted)
    else if (ends === 'failed') {
      const { plan, because } = await people.refused(incident, recipe)
      seen.plan = plan
      insistOn(because, tells)
    } else if (ends === 'stopped') seen.plan = (await people.stopped(incident, recipe, tells)).id
    else if (ends === 'found') seen.plan = (await people.found(incident, recipe, tells)).id
    else {
      if (rehearsal.asked) await people.take(incident)
      const plan = rehearsal.asked
        ? await people.askAndApprove(incident, recipe, params)
        : await people.approve(incident, recipe)
      seen.plan = plan.id
      const { because } = await people.run(incident, plan, ends === 'refused' ? 'failed' : ends)
      insistOn(because, tells)
    }
    seen.to_end_s = secondsSince(alerted)
    if (rehearsal.changes !== undefined) {
      const made = await people.changesMade()
      if (made !== rehearsal.changes) throw new Error(`The hands made ${made} changes in the cluster, not ${rehearsal.changes}`) // prettier-ignore
    }
    if (notes !== undefined) await people.noted(incident, notes)
    for (const next of rehearsal.then ?? []) {
      const asked = await people.askAndApprove(incident, next)
      await people.run(incident, asked, 'succeeded')
    }
    // A repair that did not help leaves its incident open, as it should: somebody else has to mend the cause.
    if (ends === 'succeeded' && !rehearsal.only_looks) await people.resolved(incident)
    if (rehearsal.taken_back) await people.takeBack(seen.plan ?? '')
    if (rehearsal.lends_while_broken) await people.returnLoans('It is over')
    if (rehearsal.stays !== undefined) await people.askBackInVain(rehearsal.stays)
    await people.mend(faults)
    await people.resolved(incident)
    if (rehearsal.stays !== undefined || rehearsal.gives_back) await people.returnLoans('It is over')
    if (around.length > 0) {
      await people.returnLoans('It is over')
      await people.mend(around)
    }
    if (leavesTraces(rehearsal)) await people.reset()
    return done()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    teller.failed(why)
    // The next rehearsal on this stage begins in calm, whatever became of this one.
    await people.mend([...rehearsal.faults, ...(rehearsal.around ?? [])]).catch(() => undefined)
    if (leavesTraces(rehearsal)) await people.reset().catch(() => undefined)
    return done(why)
  }
}

/**
 * What was found must not be found again by the next one: restarts and logs go with the pods that had them. What a person would
 * have put right by hand is put right so, too.
 */
const leavesTraces = ({ around = [], ends }: Rehearsal): boolean =>
  ['found', 'failed', 'needs-a-person'].includes(ends) || around.length > 0

/** Breaks it, and shows the alert and the incident that come of it. */
async function onlyBreak(firebreak: Stage, { name, becomes }: Fault): Promise<number> {
  const teller = new Teller(print)
  const people = new OnCall(firebreak, teller)
  teller.title(`The fault ${name}`)
  try {
    await people.returnWhatIsLeft([name])
    await people.breakIt(name)
    if (!becomes) {
      print('\nIt alerts nobody: it stands in the way of a repair, or of a client.')
      return 0
    }
    const incident = await people.firing(becomes.page, becomes.service)
    print(`\n${becomes.alertname} of ${becomes.service} became ${incident.id}: ${incident.class}, ${incident.severity}`)
    return 0
  } catch (error) {
    teller.failed(error instanceof Error ? error.message : String(error))
    return 1
  }
}

/** The table: recipe, what broke, what alert it became, the plan, how it ended and how long that took from the alert on. */
function close(played: Played[]): number {
  const row = (...cells: string[]) =>
    cells
      .map((cell, at) => cell.padEnd([1, 20, 22, 26, 42, 10, 8][at] ?? 0))
      .join(' ')
      .trimEnd()
  print('')
  print(row(' ', 'recipe', 'fault', 'alert', 'plan', 'ends', 'after'))
  for (const { recipe, rehearsal, alert = '–', plan = '–', to_end_s, failed } of played)
    print(
      row(
        failed === undefined ? '✓' : '✗',
        recipe,
        rehearsal.faults.join(' + '),
        alert,
        plan,
        rehearsal.ends,
        to_end_s === undefined ? '–' : `${to_end_s} s`,
        failed ?? '',
      ),
    )
  const failed = played.filter((one) => one.failed !== undefined).length
  print(`\nThe runbook (npm run coverage): ${totalOf(coverageOf(duties()))}`)
  print('')
  print(`${played.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

const secondsSince = (began: number) => Math.round((performance.now() - began) / 100) / 10

type Stage = RunningFirebreak & { dataDir: string }

async function inFirebreak<T>(work: (firebreak: Stage) => Promise<T>): Promise<T> {
  const data = mkdtempSync(join(tmpdir(), 'firebreak-rehearsal-'))
  const settings = parseSettings(['--no-story'], {
    ...process.env,
    FIREBREAK_DATA: data,
    FIREBREAK_PORT: String(await freePort()),
    FIREBREAK_SANDBOX_PORT: String(await freePort()),
  })
  const folder = await DataFolder.open(data)
  const supervisor = new Supervisor({ say: (line) => print(`! ${line}`), changed: (running) => folder.note(running) })
  const stop = async () => {
    await supervisor.stop()
    folder.release()
    rmSync(data, { recursive: true, force: true })
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().then(() => process.exit(130)))
  try {
    const firebreak = await startFirebreak(
      { ...settings, monitors: 'sandbox', sandboxSpeed: SPEED },
      folder,
      supervisor,
      print,
    )
    return await work({ ...firebreak, dataDir: data })
  } finally {
    await stop()
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  },
)
