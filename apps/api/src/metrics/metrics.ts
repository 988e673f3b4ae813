import { queues } from '@firebreak/flow'
import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { HealthCheck, RedisPulse } from '../health/health.js'
import type { MetricsReadModel } from './metrics.read-model.js'

/** A scrape that comes sooner than this is told what the last one was: the record is not asked for each of many scrapers. */
const FRESH_MS = 10_000

/**
 * What Prometheus is told. What the house is doing comes out of the record, so each API process says the same of it and one that
 * was started a moment ago knows it all; what a process itself does (requests, memory, event loop) is its own.
 */
export class Metrics {
  private readonly registry = new Registry()
  private readonly told = new Map<string, Gauge>()
  private readonly requests: Histogram
  private asked: { at: number; rows: Promise<void> } | undefined

  constructor(
    private readonly record: MetricsReadModel,
    private readonly health: HealthCheck,
    private readonly redis: RedisPulse,
    private readonly now: () => Date,
  ) {
    collectDefaultMetrics({ register: this.registry, prefix: 'firebreak_api_' })
    this.requests = new Histogram({
      name: 'firebreak_api_request_seconds',
      help: 'Requests by route and status, and how long they took.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [this.registry],
    })
    for (const [name, [help, ...labelNames]] of Object.entries(GAUGES))
      this.told.set(name, new Gauge({ name, help, labelNames, registers: [this.registry] }))
  }

  get contentType(): string {
    return this.registry.contentType
  }

  /** Counts the requests of a server, by the route and never by the path: ids would make a series each. */
  watch(server: FastifyInstance): void {
    server.addHook('onResponse', async (request, reply) => {
      const { method, routeOptions } = request
      this.requests.observe(
        { method, route: routeOptions.url ?? 'none', status: reply.statusCode },
        reply.elapsedTime / 1000,
      )
    })
  }

  /** In Prometheus' text format. */
  async text(): Promise<string> {
    const now = this.now().getTime()
    if (!this.asked || now - this.asked.at >= FRESH_MS || now < this.asked.at)
      this.asked = { at: now, rows: this.ask() }
    await this.asked.rows
    return this.registry.metrics()
  }

  private async ask(): Promise<void> {
    const [record, { ready, dependencies }, jobs] = await Promise.all([
      // Without Postgres there is nothing to tell of the house; that it is away is told.
      this.record.samples().catch(() => []),
      this.health.dependencies(),
      Promise.all(queues.map(async (queue) => ({ queue, counts: await this.redis.waiting(queue).catch(() => ({})) }))),
    ])
    for (const gauge of this.told.values()) gauge.reset()
    for (const { metric, labels, value } of record) {
      // Always in one order, as Prometheus' own exporters write them: JSON from Postgres comes in another.
      const [, ...names] = GAUGES[metric] ?? ['']
      this.told.get(metric)?.set(Object.fromEntries(names.map((name) => [name, labels[name] ?? ''])), value)
    }
    this.told.get('firebreak_ready')?.set(ready ? 1 : 0)
    for (const { name, ok, age_ms } of dependencies) {
      this.told.get('firebreak_dependency_ok')?.set({ name }, ok ? 1 : 0)
      if (age_ms !== null) this.told.get('firebreak_dependency_age_seconds')?.set({ name }, age_ms / 1000)
    }
    for (const { queue, counts } of jobs)
      for (const [state, value] of Object.entries(counts))
        this.told.get('firebreak_queue_jobs')?.set({ queue, state }, value)
  }
}

/** Every metric that the record or a dependency is asked for: what it says, and by what. */
export const GAUGES: Record<string, readonly [help: string, ...labels: string[]]> = {
  firebreak_alerts: ['Alerts that came in, by source and what became of them; they only grow.', 'source', 'fate'],
  firebreak_incidents: ['Incidents, by class and state.', 'class', 'state'],
  firebreak_runs: ['Runs, by recipe and where they are or how they ended.', 'recipe', 'state'],
  firebreak_step_seconds: ['How long steps took that were begun within the last hour.', 'verb', 'quantile'],
  firebreak_steps_recent: ['Steps that were begun within the last hour, by how they are.', 'verb', 'state'],
  firebreak_queue_jobs: [
    'Jobs in Redis. An empty queue is no proof that there is no work: see firebreak_backlog.',
    'queue',
    'state',
  ],
  firebreak_backlog: ['What a sweep would find now: work that is there and that nobody has in hand.', 'queue'],
  firebreak_plans_waiting: ['Plans that wait for people.'],
  firebreak_oldest_waiting_plan_seconds: ['For how long the oldest of them has waited.'],
  firebreak_loans_overdue: ['What runs changed for a time, and have not given back.'],
  firebreak_freezes: ['Security freezes that hold.'],
  firebreak_stopped: ['1 while the stop switch is pressed.'],
  firebreak_merge_delay_seconds: ['How long the oldest entry has waited that is not in the log yet.'],
  firebreak_checkpoint_size: ['Entries that the newest signed checkpoint covers.'],
  firebreak_ready: ['1 while alerts and decisions can be recorded.'],
  firebreak_dependency_ok: ['1 while it is well.', 'name'],
  firebreak_dependency_age_seconds: ['Since it was last known to be well.', 'name'],
}
