import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rehearsals, type Rehearsal } from '@firebreak/catalog/rehearsals'
import { DataFolder } from './data-folder.js'
import { knownFaults, type Fault } from './faults.js'
import { startFirebreak, type RunningFirebreak } from './firebreak.js'
import { OnCall } from './on-call.js'
import { freePort } from './processes.js'
import { parseSettings } from './settings.js'
import { Supervisor } from './supervisor.js'
import { Teller } from './teller.js'

const USAGE = `npm run rehearse -- --list            what can be rehearsed, and what can be broken
npm run rehearse -- <recipe>          breaks the sandbox for this recipe, and shows how it repairs it
npm run rehearse -- --all             every rehearsal there is
npm run rehearse -- --fault <fault>   only breaks it, and shows the alert and the incident`

/** The sandbox's clock runs fast here: its monitors are its own, so nobody else has to keep up. */
const SPEED = 5

const print = (line: string) => void process.stdout.write(`${line}\n`)

interface Played {
  recipe: string
  rehearsal: Rehearsal
  seconds: number
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
  const chosen = [...rehearsals].filter(([recipe]) => first === '--all' || first === recipe)
  if (chosen.length === 0 || args.length > 1) {
    print(first && !first.startsWith('--') ? `There is no rehearsal for ${first}.\n\n${USAGE}` : USAGE)
    return 2
  }
  return inFirebreak(async (firebreak) => {
    const played: Played[] = []
    for (const [recipe, plays] of chosen)
      for (const rehearsal of plays) played.push(await play(firebreak, recipe, rehearsal))
    return close(played)
  })
}

const faults = () => knownFaults(parseSettings([], process.env).config)

function list(known: readonly Fault[]): number {
  print('Rehearsals: npm run rehearse -- <recipe>\n')
  for (const [recipe, plays] of rehearsals)
    for (const { faults, becomes, ends, says } of plays)
      print(`${recipe.padEnd(18)} ${faults.join(' + ').padEnd(18)} ${becomes.padEnd(18)} ${ends.padEnd(10)} ${says}`)
  print('\nFaults of the sandbox: npm run rehearse -- --fault <fault>\n')
  for (const { name, becomes, says } of known)
    print(`${name.padEnd(18)} ${(becomes?.alertname ?? '–').padEnd(26)} ${(becomes?.page ?? '–').padEnd(18)} ${says}`)
  return 0
}

/** One rehearsal, from calm to its end. A part that does not come is why it failed. */
async function play(firebreak: Stage, recipe: string, rehearsal: Rehearsal): Promise<Played> {
  const teller = new Teller(print)
  const people = new OnCall(firebreak, teller)
  const began = performance.now()
  const done = (failed?: string): Played => ({
    recipe,
    rehearsal,
    seconds: Math.round((performance.now() - began) / 1000),
    ...(failed === undefined ? {} : { failed }),
  })
  teller.title(`${recipe}: ${rehearsal.says}`)
  try {
    await people.returnWhatIsLeft(rehearsal.faults)
    for (const fault of rehearsal.faults) await people.breakIt(fault)
    const incident = await people.firing(rehearsal.becomes)
    const plan = await people.approve(incident)
    await people.run(incident, plan, rehearsal.ends)
    // A repair that did not help leaves its incident open, as it should: somebody else has to mend the cause.
    if (rehearsal.ends === 'succeeded') await people.resolved(incident)
    await people.mend(rehearsal.faults)
    await people.resolved(incident)
    return done()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    teller.failed(why)
    return done(why)
  }
}

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

function close(played: Played[]): number {
  print('')
  for (const { recipe, rehearsal, seconds, failed } of played)
    print(
      `${failed === undefined ? '✓' : '✗'} ${recipe.padEnd(16)} ${rehearsal.faults.join(' + ').padEnd(16)} ${rehearsal.becomes.padEnd(18)} ${rehearsal.ends.padEnd(10)} ${String(seconds).padStart(4)} s${failed === undefined ? '' : `  ${failed}`}`,
    )
  const failed = played.filter((one) => one.failed !== undefined).length
  print('')
  print(`${played.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

type Stage = RunningFirebreak & { dataDir: string }

async function inFirebreak(work: (firebreak: Stage) => Promise<number>): Promise<number> {
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
