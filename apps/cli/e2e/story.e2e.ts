import { chmodSync, copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { House, until } from './house.js'

/** From the alert to the checked bundle, by nothing but the command line: the built program, the real API, worker and log. */

const PATIENCE = 180_000
let house: House
let incident: string
let plan: { id: string; digest: string; state: string }

beforeAll(async () => void (house = await House.open()), PATIENCE)
afterAll(() => house?.close(), PATIENCE)

test('health, and who one is', async () => {
  expect(await house.run(undefined, 'health')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^ready/) as string,
  })
  expect(await house.json('hannah', 'whoami')).toMatchObject([{ id: 'hannah', roles: ['sre'] }])
})

test('whoever is not let in learns why, each with its own exit code', async () => {
  expect(await house.run(undefined, 'plans', 'list')).toMatchObject({ code: 4, out: '' })
  const file = join(house.data, 'token')
  writeFileSync(file, 'fbk_nobody_knows_this\n', { mode: 0o600 })
  expect(await house.run(undefined, 'plans', 'list', '--token-file', file)).toMatchObject({
    code: 4,
    err: expect.stringContaining('not known') as string,
  })
  chmodSync(file, 0o644)
  expect(await house.run(undefined, 'plans', 'list', '--token-file', file)).toMatchObject({ code: 4, err: expect.stringContaining('chmod 600') as string }) // prettier-ignore
  expect((await house.run('hannah', 'plans', 'show', 'pln_none')).code).toBe(3)
  expect((await house.run('hannah', 'plans', 'list', '--url', 'http://127.0.0.1:9')).code).toBe(5)
})

test(
  'an alert becomes an incident, and the incident a plan',
  async () => {
    await house.breakIt('slow')
    plan = await until('a plan', async () => {
      const [found] = await house.json<{ id: string }>('hannah', 'incidents', 'list', '--state', 'active')
      if (!found) return undefined
      incident = found.id
      const [made] = await house.json<typeof plan>('hannah', 'plans', 'list', '--incident', incident)
      return made?.state === 'proposed' ? made : undefined
    })
    const { child, ended } = house.start('alertmanager', 'alerts', 'send', 'alertmanager', '--json')
    child.stdin.end(JSON.stringify(anotherAlert()))
    const { code, err, out } = await ended
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(JSON.parse(out)).toMatchObject({ received: 1, joined: 1 })
    const { out: shown } = await house.run('hannah', 'incidents', 'show', incident)
    expect(shown).toContain('HighApiLatency')
    // What a monitor says cannot act on a terminal.
    expect(shown).toContain('owned�[31m')
    expect(shown).not.toContain('\u001b')
    expect(await house.json('hannah', 'incidents', 'ack', incident)).toMatchObject([{ state: 'acknowledged', owner: { id: 'hannah' } }]) // prettier-ignore
  },
  PATIENCE,
)

test('a plan shows what would change; who may not approve it is refused with the reason', async () => {
  const { out } = await house.run('hannah', 'plans', 'show', plan.id)
  for (const says of ['replicas  2 → 5', 'T1: 1 person of sre', plan.digest]) expect(out).toContain(says)
  const wrong = await house.run('mira', 'approve', plan.id, '--yes', '--digest', plan.digest)
  expect(wrong).toMatchObject({ code: 3, err: 'firebreak: not-your-role: This plan is approved by sre.\n' })
  const stale = await house.run('hannah', 'approve', plan.id, '--yes', '--digest', `sha256:${'0'.repeat(64)}`, '--json')
  expect(stale.code).toBe(3)
  expect(JSON.parse(stale.err.trim().split('\n').at(-1)!)).toMatchObject({ error: { exit: 3, code: 'stale' } })
  expect((await house.run('hannah', 'approve', plan.id)).code).toBe(2)
  expect(await house.json('hannah', 'runs', 'list')).toEqual([])
})

test(
  'approved, it runs; whoever follows loses the API and finds it again, and hears everything once',
  async () => {
    // In one call, so that nothing happens between the yes and the listening: the run takes but a few seconds.
    const argv = ['approve', plan.id, '--yes', '--digest', plan.digest, '--wait', '--json']
    const { ended, said } = house.start('hannah', ...argv)
    await until('something to follow', async () => said.out !== '' || said.code !== null || undefined)
    process.kill(house.pidOf('api'), 'SIGKILL')
    const { code, err, out } = await ended
    expect(code, err).toBe(0)
    expect(err).toMatch(/\nthe connection to the API is lost; coming back\nconnected again\n$/)
    const changes = out.trim().split('\n').map((line) => JSON.parse(line) as { step: number | null; state: string }) // prettier-ignore
    expect(changes.at(-1)).toMatchObject({ step: null, state: 'succeeded' })
    expect(changes).toContainEqual(expect.objectContaining({ step: 1, state: 'done' }))
    const told = changes.map(({ state, step }) => `${step} ${state}`)
    expect(new Set(told).size).toBe(told.length)

    const [run] = await house.json<{ id: string; plan: string }>('hannah', 'runs', 'list')
    expect(run).toMatchObject({ plan: plan.id })
    const again = await house.json<{ state: string }>('hannah', 'runs', 'follow', run!.id)
    expect(again.map(({ state }) => state)).toEqual(['done', 'succeeded'])
  },
  PATIENCE,
)

test(
  'what it lent is given back',
  async () => {
    await house.mend('slow')
    const [loan] = await house.json<{ id: string }>('hannah', 'loans', 'list', '--state', 'out')
    const back = await house.run('hannah', 'loans', 'return', loan!.id, '--reason', 'it is calm', '--wait')
    expect(back).toMatchObject({ code: 0, out: expect.stringContaining('is returned') as string })
  },
  PATIENCE,
)

test(
  'the log is exported, fetched by halves, and checked offline; a flipped bit is found',
  async () => {
    const bundle = join(house.data, 'bundle.tar')
    const [made] = await house.json<{ id: string; sha256: string }>('audrey', 'audit', 'export', '--reason', 'the story', '--out', bundle) // prettier-ignore
    expect(statSync(bundle).mode & 0o077).toBe(0)
    const again = join(house.data, 'again.tar')
    copyFileSync(bundle, `${again}.part`)
    truncateSync(`${again}.part`, 20_000)
    const resumed = await house.run('audrey', 'audit', 'download', made!.id, '--out', again)
    expect(resumed).toMatchObject({ code: 0, err: expect.stringContaining('going on from byte 20000') as string })
    expect(readFileSync(again).equals(readFileSync(bundle))).toBe(true)
    expect((await house.run('audrey', 'audit', 'download', made!.id, '--out', again)).code).toBe(2)
    expect((await house.run('hannah', 'audit', 'export')).code).toBe(3)

    const policy = join(house.data, 'log-policy.txt')
    const good = await house.run(undefined, 'audit', 'check', again, '--policy', policy)
    expect(good, good.out).toMatchObject({
      code: 0,
      out: expect.stringMatching(/\nVALID \d+ of \d+ entries/) as string,
    })
    const bytes = readFileSync(again)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(again, bytes)
    expect([1, 2]).toContain((await house.run(undefined, 'audit', 'check', again, '--policy', policy)).code)
  },
  PATIENCE,
)

test('a frozen target is told by the exit code, and only security declares it', async () => {
  const check = () => house.run('sam', 'freezes', 'check', 'deployment:prod/api')
  expect((await check()).code).toBe(0)
  expect((await house.run('sam', 'freezes', 'declare', 'deployment:prod/api', '--reason', 'x')).code).toBe(3)
  expect((await house.run('theo', 'freezes', 'declare', 'deployment:prod/api', '--reason', 'a leak')).code).toBe(0)
  expect(await check()).toMatchObject({ code: 1, out: expect.stringContaining('a leak') as string })
})

test('two others of security lift it, and not who asked', async () => {
  const { out } = await house.run('theo', '--json', 'freezes', 'list', '--limit', '1')
  const { id } = JSON.parse(out) as { id: string }
  expect((await house.run('hannah', 'freezes', 'lift', id, '--reason', 'x')).code).toBe(3)
  const asked = await house.run('theo', '--json', 'freezes', 'lift', id, '--reason', 'the leak is closed')
  expect(asked.code, asked.err).toBe(0)
  const { digest } = (JSON.parse(asked.out) as { lift: { digest: string } }).lift
  const yes = (as: string) => house.run(as, 'freezes', 'approve-lift', id, '--yes', '--digest', digest)
  expect(await yes('theo')).toMatchObject({ code: 3, err: expect.stringContaining('own') as string })
  expect((await yes('ines')).code).toBe(0)
  expect((await house.run('sam', 'freezes', 'check', 'deployment:prod/api')).code).toBe(1)
  expect(await yes('viktor')).toMatchObject({ code: 0, out: expect.stringContaining(`yes to lifting ${id}`) as string })
  await until(
    'it to be lifted',
    async () => (await house.run('sam', 'freezes', 'check', 'deployment:prod/api')).code === 0 || undefined,
  )
  expect((await house.run('sam', 'freezes', 'show', id)).out).toContain('the leak is closed')
})

test('an incident is handed on, its severity corrected with a reason, resolved, and opened again', async () => {
  const on = (...words: string[]) => house.json('hannah', 'incidents', ...words)
  const to = (verb: string, ...more: string[]) => on(verb, incident, ...more)
  expect(await house.run('hannah', 'incidents', 'severity', incident, 'SEV5', '--reason', 'x')).toMatchObject({ code: 2 }) // prettier-ignore
  expect(await to('severity', 'SEV1', '--reason', 'customers see it')).toMatchObject([{ severity: 'SEV1' }])
  // It may be over by itself by now: the run mended what its alert was about.
  const [{ state } = { state: '' }] = await house.json<{ state: string }>('hannah', 'incidents', 'show', incident)
  if (state !== 'resolved') await to('resolve', '--reason', 'it is fast')
  expect(await to('reopen', '--reason', 'it is slow again')).toMatchObject([{ state: 'open', resolved_at: null }])
  expect(await to('assign', 'sam')).toMatchObject([{ owner: { id: 'sam' } }])
  const wrong = await house.run('hannah', 'incidents', 'assign', incident, 'audrey')
  expect(wrong).toMatchObject({ code: 3, err: expect.stringContaining('Audrey Whitfield could do nothing') as string })
  expect((await house.run('audrey', 'incidents', 'reopen', incident, '--reason', 'x')).code).toBe(3)
})

function anotherAlert() {
  return {
    version: '4',
    receiver: 'firebreak',
    status: 'firing',
    alerts: [
      {
        status: 'firing',
        labels: { alertname: 'HighApiLatency', service: 'api', severity: 'critical', by: 'owned\u001b[31m' },
        annotations: { summary: 'API latency is high' },
        startsAt: '2026-11-23T03:02:11.737Z',
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: '',
        fingerprint: '9a7c1b4f2e6d8035',
      },
    ],
  }
}
