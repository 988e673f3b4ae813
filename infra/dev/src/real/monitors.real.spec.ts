import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { classify, loadHouse, type House } from '@firebreak/house'
import { DataFolder } from '../data-folder.js'
import { startFirebreak, type RunningFirebreak } from '../firebreak.js'
import { freePort, isAlive, until } from '../processes.js'
import { ROOT } from '../root.js'
import { parseSettings } from '../settings.js'
import { HttpApi, type Incident, type TimelineItem } from '../story-api.js'
import { Supervisor } from '../supervisor.js'
import { monitorPrograms } from './monitor-programs.js'
import { checkRules } from './monitors.js'

/*
 * Real monitors, the whole way: a fault of the sandbox is measured by a real Prometheus, told by a real Alertmanager, and
 * becomes an incident of a Firebreak that runs as `npm start` runs it. `npm run test:real` fetches what is needed.
 */
const programs = monitorPrograms()
if (process.env['FIREBREAK_TEST_REAL'] !== '1' || !programs) {
  const why = programs ? 'FIREBREAK_TEST_REAL is not 1' : 'there is no prometheus and no alertmanager'
  describe.skip('real monitors', () => {
    test(`skipped: ${why}`, () => undefined)
  })
  console.info(`skipped: real monitors: ${why}`)
} else {
  describe('real monitors', { timeout: 300_000 }, stories)
}

const PATIENCE = 90_000

function stories() {
  let data: string
  let supervisor: Supervisor
  let folder: DataFolder
  let firebreak: RunningFirebreak
  let prometheusUrl: string
  let house: House
  let hannah: HttpApi
  /** By fault, the labels of the alert that it makes fire; null for one that alerts nobody. */
  let alerts: Record<string, Record<string, string> | null>

  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'firebreak-monitors-'))
    const settings = parseSettings(['--no-story'], {
      FIREBREAK_DATA: data,
      FIREBREAK_PORT: String(await freePort()),
      FIREBREAK_SANDBOX_PORT: String(await freePort()),
      FIREBREAK_MONITORS: 'real',
    })
    house = loadHouse(readFileSync(settings.config, 'utf8'), settings.config)
    folder = await DataFolder.open(data)
    supervisor = new Supervisor({ say: () => undefined, changed: (running) => folder.note(running) })
    firebreak = await startFirebreak(settings, folder, supervisor, () => undefined)
    const { people } = JSON.parse(readFileSync(join(data, 'people.json'), 'utf8')) as {
      people: { id: string; key: string }[]
    }
    hannah = new HttpApi(firebreak.apiUrl, people.find(({ id }) => id === 'hannah')!.key)
    alerts = ((await sandbox('GET', '/break')) as { alerts: typeof alerts }).alerts
    prometheusUrl = `http://127.0.0.1:${(JSON.parse(readFileSync(join(data, 'ports.json'), 'utf8')) as { prometheus: number }).prometheus}`
  }, 120_000)

  afterAll(async () => {
    await supervisor?.stop()
    folder?.release()
    rmSync(data, { recursive: true, force: true })
  }, 180_000)

  async function sandbox(method: string, path: string): Promise<unknown> {
    const answer = await fetch(firebreak.sandboxUrl + path, { method, signal: AbortSignal.timeout(10_000) })
    expect(answer.status, path).toBe(200)
    return answer.json()
  }

  /** Looks until there is something to see. The API may be away for a moment. */
  async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    let found: T | undefined
    let trouble: unknown
    const seen = async () => {
      try {
        found = await look()
      } catch (error) {
        trouble = error
      }
      return found !== undefined
    }
    if (await until(seen, PATIENCE, 200)) return found!
    throw new Error(`waited ${PATIENCE / 1000} s for ${what}`, { cause: trouble })
  }

  interface Alert {
    id: string
    state: string
    labels: Record<string, string>
    generator_url: string | null
    incident: string
    starts_at: string
  }
  const told = async (alertname: string, state: string) =>
    (await hannah.get<{ items: Alert[] }>(`/v1/alerts?state=${state}&limit=200`)).items.filter(
      ({ labels }) => labels['alertname'] === alertname,
    )
  const incident = (id: string) => hannah.get<Incident>(`/v1/incidents/${id}`)
  const fires = (alertname: string) =>
    eventually(`${alertname} to fire`, async () => (await told(alertname, 'firing'))[0])
  const resolves = (id: string) =>
    eventually(`the incident ${id} to resolve`, async () => {
      const now = await incident(id)
      return now.state === 'resolved' ? now : undefined
    })
  const episodes = async (id: string) =>
    (await hannah.get<{ items: TimelineItem[] }>(`/v1/incidents/${id}/timeline`)).items.filter(({ type }) =>
      ['alert.fired', 'alert.reopened'].includes(type),
    )

  interface Ledger {
    adds_up: boolean
    items: Record<'opened' | 'joined' | 'repeated' | 'resolved' | 'refused' | 'pending', number>[]
  }
  const ledger = async () => {
    const { adds_up, items } = await hannah.get<Ledger>('/v1/alerts/ledger')
    expect(items).toHaveLength(1)
    return { adds_up, ...items[0]! }
  }

  /** Ends one of the processes, and waits until the supervisor has started another one. */
  async function restarted(name: string, signal: NodeJS.Signals): Promise<void> {
    const of = () => firebreak.processes().find((process) => process.name === name)?.pid
    const before = of()!
    process.kill(before, signal)
    expect(await until(() => ![undefined, before].includes(of()), PATIENCE, 20)).toBe(true)
    expect(isAlive(before)).toBe(false)
  }

  test('the rules and the route are good to the programs that they are for, and so are their examples', async () => {
    const said = await checkRules(programs!)
    expect(said).toContain('SUCCESS')
    expect(said).not.toMatch(/FAILED/)
  })

  test('Prometheus scrapes the sandbox, evaluates every rule without an error, and knows Alertmanager', async () => {
    const ask = async (path: string) =>
      (await (await fetch(`${prometheusUrl}/api/v1/${path}`)).json()) as { data: never }
    await eventually('a scrape', async () => {
      const { activeTargets } = (await ask('targets')).data as { activeTargets: { health: string }[] }
      return activeTargets.every(({ health }) => health === 'up') || undefined
    })
    const rules = await eventually('an evaluation', async () => {
      const { groups } = (await ask('rules')).data as { groups: { rules: { name: string; health: string }[] }[] }
      const all = groups.flatMap(({ rules }) => rules)
      return all.every(({ health }) => health !== 'unknown') ? all : undefined
    })
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([])
    const wanted = Object.values(alerts).flatMap((alert) => alert?.['alertname'] ?? [])
    expect(rules.map(({ name }) => name)).toEqual(expect.arrayContaining(wanted))
    await eventually('Prometheus to find Alertmanager', async () => {
      const { activeAlertmanagers } = (await ask('alertmanagers')).data as { activeAlertmanagers: unknown[] }
      return activeAlertmanagers.length === 1 || undefined
    })
  })

  test('every fault that alerts: broken, it becomes an incident of its class; mended, the incident resolves', async () => {
    const alerting = Object.entries(alerts).flatMap(([fault, labels]) => (labels ? [{ fault, labels }] : []))
    expect(alerting.map(({ fault }) => fault)).toContain('slow')
    // One class after another's faults, the classes side by side: their services do not touch each other.
    const classes = Map.groupBy(alerting, ({ labels }) => classify(house, labels))
    expect(classes.has('unclassified')).toBe(false)
    const failures: string[] = []
    await Promise.all(
      [...classes].map(async ([page, faults]) => {
        for (const { fault, labels } of faults) {
          try {
            await sandbox('POST', `/break/${fault}`)
            const alert = await fires(labels['alertname']!)
            expect(alert.labels).toMatchObject(labels)
            expect(alert.generator_url).toMatch(new RegExp(`^${prometheusUrl}/graph`))
            expect(await incident(alert.incident)).toMatchObject({ class: page, service: labels['service'] })
            await sandbox('POST', `/mend/${fault}`)
            await resolves(alert.incident)
          } catch (error) {
            failures.push(`${fault}: ${error instanceof Error ? error.message : String(error)}`)
            await sandbox('POST', `/mend/${fault}`)
          }
        }
      }),
    )
    expect(failures).toEqual([])
    // Whatever came, was told of once as begun and once as over, and nothing was left out.
    const { adds_up, opened, joined, resolved, refused, pending } = await ledger()
    expect({ adds_up, refused, pending }).toEqual({ adds_up: true, refused: 0, pending: 0 })
    expect(opened + joined).toBe(resolved)
    expect(opened + joined).toBeGreaterThanOrEqual(alerting.length)
  })

  test('the API is killed before it hears of an alert: it hears of it once', async () => {
    const before = await ledger()
    await sandbox('POST', '/break/slow')
    await Promise.all([
      restarted('api', 'SIGKILL'),
      eventually('a measured fault', async () => (await firing('HighApiLatency')) || undefined),
    ])
    const alert = await fires('HighApiLatency')
    await restarted('api', 'SIGKILL')
    const beforeMend = (await eventually('the API', () => ledger())).opened
    expect(beforeMend + (await ledger()).joined).toBe(before.opened + before.joined + 1)
    await sandbox('POST', '/mend/slow')
    await restarted('api', 'SIGKILL')
    await resolves(alert.incident)
    const after = await ledger()
    expect(after).toMatchObject({ adds_up: true, refused: 0, pending: 0, resolved: before.resolved + 1 })
    expect(after.opened + after.joined).toBe(before.opened + before.joined + 1)
  })

  test('Alertmanager is killed before it can tell, and after it has: nothing is lost or doubled', async () => {
    const before = await ledger()
    await sandbox('POST', '/break/slow')
    await eventually('a measured fault', async () => (await firing('HighApiLatency')) || undefined)
    await restarted('alertmanager', 'SIGKILL')
    const alert = await fires('HighApiLatency')
    const begun = (await episodes(alert.incident)).length
    // One that was killed may not know any more whom it told: it hears of the alert again, and tells again.
    const { repeated } = await ledger()
    await restarted('alertmanager', 'SIGKILL')
    await eventually('the alert to be told again', async () => (await ledger()).repeated > repeated || undefined)
    await sandbox('POST', '/mend/slow')
    await restarted('alertmanager', 'SIGTERM')
    await resolves(alert.incident)
    expect(await episodes(alert.incident)).toHaveLength(begun)
    const after = await ledger()
    expect(after).toMatchObject({ adds_up: true, refused: 0, pending: 0, resolved: before.resolved + 1 })
    expect(after.opened + after.joined).toBe(before.opened + before.joined + 1)
    expect(await told('HighApiLatency', 'firing')).toEqual([])
  })

  test('npm start tells its whole story with them', async () => {
    const own = mkdtempSync(join(tmpdir(), 'firebreak-story-'))
    const env = {
      ...process.env,
      FIREBREAK_DATA: own,
      FIREBREAK_PORT: String(await freePort()),
      FIREBREAK_SANDBOX_PORT: String(await freePort()),
      FIREBREAK_MONITORS: 'real',
    }
    const main = [join(ROOT, 'infra/dev/dist/main.js'), '--once']
    const launcher = spawn(process.execPath, main, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [launcher.stdout, launcher.stderr]) stream.on('data', (chunk) => (said += String(chunk)))
    try {
      const code = await new Promise((resolve) => launcher.once('close', resolve))
      expect(code, said).toBe(0)
      expect(said).toMatch(/Prometheus \d+\.\d+.* and Alertmanager \d+\.\d+.* watch the sandbox/)
    } finally {
      launcher.kill('SIGTERM')
      rmSync(own, { recursive: true, force: true })
    }
  })

  const firing = async (alertname: string) => {
    const answer = await fetch(`${prometheusUrl}/api/v1/alerts`)
    const { data } = (await answer.json()) as { data: { alerts: { labels: Record<string, string>; state: string }[] } }
    return data.alerts.some(({ labels, state }) => labels['alertname'] === alertname && state === 'firing')
  }
}
