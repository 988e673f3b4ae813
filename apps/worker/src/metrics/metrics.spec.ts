import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { MetricsServer } from './metrics-server.js'
import { WorkerMetrics } from './metrics.js'

type Entries = Parameters<WorkerMetrics['committed']>[0]

const made = () => new WorkerMetrics(() => new Date('2026-11-26T03:00:00.000Z'))
const lines = async (metrics: WorkerMetrics) => (await metrics.registry.metrics()).split('\n')
const recipe = { id: 'scale-api', version: 1, digest: `sha256:${'0'.repeat(64)}` }
const entry = (type: string, detail: object = {}) => ({ type, recipe, detail }) as unknown as Entries[number]

test('jobs are counted by queue and end, and those in hand are told', async () => {
  const metrics = made()
  let done = () => {}
  const job = metrics.job('run', () => new Promise<void>((resolve) => (done = resolve)))
  expect(await lines(metrics)).toContain('firebreak_worker_jobs_under_way{queue="run"} 1')
  done()
  await job
  await expect(metrics.job('run', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  const told = await lines(metrics)
  expect(told).toContain('firebreak_worker_jobs_under_way{queue="run"} 0')
  expect(told).toContain('firebreak_worker_job_seconds_count{queue="run",outcome="done"} 1')
  expect(told).toContain('firebreak_worker_job_seconds_count{queue="run",outcome="failed"} 1')
})

test('steps and runs are counted as the journal says that they ended, and what is under way is not', async () => {
  const metrics = made()
  const of = { verb: 'scale-deployment' }
  metrics.committed([entry('run.started'), entry('step.intended', of), entry('step.done', of), entry('run.verifying')])
  metrics.committed([entry('step.unknown', of), entry('run.needs-a-person'), entry('run.succeeded'), entry('run.taken-over')]) // prettier-ignore
  const told = await lines(metrics)
  expect(told.filter((line) => /^firebreak_worker_(steps|runs)_total\{/.test(line))).toEqual([
    'firebreak_worker_steps_total{recipe="scale-api",verb="scale-deployment",outcome="done"} 1',
    'firebreak_worker_steps_total{recipe="scale-api",verb="scale-deployment",outcome="unknown"} 1',
    'firebreak_worker_runs_total{recipe="scale-api",outcome="needs-a-person"} 1',
    'firebreak_worker_runs_total{recipe="scale-api",outcome="succeeded"} 1',
    'firebreak_worker_runs_total{recipe="scale-api",outcome="taken-over"} 1',
  ])
})

test('a sweep tells what it found and when it looked; work is timed, also where it breaks', async () => {
  const metrics = made()
  const found = [{ queue: 'run' as const, id: 'a' }, { queue: 'run' as const, id: 'b' }, { queue: 'plan' as const, id: 'c' }] // prettier-ignore
  const backlog = metrics.counting({ find: async () => found })
  // Twice: what is held back is found by every sweep, and counted once.
  expect(await backlog.find(new Date())).toEqual(found)
  expect(await backlog.find(new Date())).toEqual(found)
  metrics.ringUnheard('plan')
  metrics.lookFailed()
  const nobody = { bind: () => <T>(work: () => T) => work(), during: <T>(_: string, __: object, work: (learn: () => void) => Promise<T>) => work(() => undefined) } // prettier-ignore
  const follower = metrics.timing(nobody)
  await follower.during('step', { recipe: 'scale-api', verb: 'scale-deployment' }, async () => 1)
  await expect(
    follower.during('verify', { recipe: 'scale-api' }, () => Promise.reject(new Error('no'))),
  ).rejects.toThrow()
  const told = await lines(metrics)
  for (const line of [
    'firebreak_worker_sweep_finds_total{queue="run"} 2',
    'firebreak_worker_sweep_finds_total{queue="plan"} 1',
    `firebreak_worker_last_sweep_timestamp_seconds ${Date.parse('2026-11-26T03:00:00.000Z') / 1000}`,
    'firebreak_worker_rings_unheard_total{queue="plan"} 1',
    'firebreak_worker_looks_failed_total 1',
    'firebreak_worker_work_seconds_count{work="step",recipe="scale-api",verb="scale-deployment"} 1',
    'firebreak_worker_work_seconds_count{work="verify",recipe="scale-api",verb=""} 1',
  ])
    expect(told).toContain(line)
})

const quiet = { info: () => undefined, error: () => undefined }

test('one address answers, and nothing else is there', async () => {
  const said: unknown[] = []
  const server = new MetricsServer(made(), { port: 0, host: '127.0.0.1' }, { ...quiet, info: (_, at) => said.push(at) })
  await server.onApplicationBootstrap()
  const { address, port } = said[0] as { address: string; port: number }
  expect(address).toBe('127.0.0.1')
  const at = `http://127.0.0.1:${port}`
  const answer = await fetch(`${at}/metrics`)
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  expect(await answer.text()).toContain('firebreak_worker_process_resident_memory_bytes')
  expect((await fetch(`${at}/`)).status).toBe(404)
  expect((await fetch(`${at}/metrics`, { method: 'POST', body: 'x' })).status).toBe(405)
  await server.onApplicationShutdown()
  await expect(fetch(`${at}/metrics`)).rejects.toThrow()
})

test('a port that is taken stops the start; without a port nobody listens', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  await expect(new MetricsServer(made(), { port, host: '127.0.0.1' }, quiet).onApplicationBootstrap()).rejects.toThrow('EADDRINUSE') // prettier-ignore
  other.close()
  const off = new MetricsServer(made(), undefined, quiet)
  await off.onApplicationBootstrap()
  await off.onApplicationShutdown()
})

test('rules and dashboard ask a worker for nothing that it does not tell', async () => {
  const text = await made().registry.metrics()
  for (const file of ['prometheus/firebreak.rules.yaml', 'grafana/firebreak.json']) {
    const asked = readFileSync(new URL(`../../../../infra/${file}`, import.meta.url), 'utf8').match(/\bfirebreak_worker_\w+/g) ?? [] // prettier-ignore
    expect(asked.length, file).toBeGreaterThan(1)
    for (const name of new Set(asked)) expect(text, `${file} asks for ${name}`).toMatch(new RegExp(`^# TYPE ${name.replace(/_(?:bucket|count|sum)$/, '')} `, 'm')) // prettier-ignore
  }
})
