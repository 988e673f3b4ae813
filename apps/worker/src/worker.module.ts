import { hostname } from 'node:os'
import {
  Backlog,
  BreakGlassAlarm,
  Budgets,
  Doorbell,
  ExportMaker,
  Exports,
  Ledger,
  Lifts,
  Loans,
  LogChecker,
  Planner,
  processActor,
  queues,
  RecordedRuns,
  Runner,
  SelfChecks,
  Tenures,
  type QueueName,
  type Timers,
  type World,
} from '@firebreak/flow'
import type { Hands, Readers } from '@firebreak/kit'
import { HouseDirectory, houseLimits, houseScopes } from '@firebreak/house'
import { BullDoorbell, queueKey, queueOptions } from '@firebreak/queue'
import {
  clearExpired,
  newUuid,
  openKnownStore,
  PostgresBacklog,
  PostgresLedger,
  PostgresTraces,
} from '@firebreak/store'
import { correlation, Following, type Log, type Tracing } from '@firebreak/telemetry'
import { BullModule, getQueueToken } from '@nestjs/bull'
import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common'
import type { Queue } from 'bull'
import type { DataSource } from 'typeorm'
import { FileExportMaker } from './compliance/export-maker.js'
import { ExportProcessor } from './compliance/export.processor.js'
import { FileLogChecker } from './compliance/log-checker.js'
import { MaintenanceProcessor } from './compliance/maintenance.processor.js'
import type { WorkerConfig } from './config.js'
import { EvidenceFolderHands, EvidenceFolderReader } from './evidence/evidence-folder.js'
import { Jobs } from './job.js'
import { MetricsServer } from './metrics/metrics-server.js'
import { WorkerMetrics } from './metrics/metrics.js'
import { LoanProcessor } from './remediation/loan.processor.js'
import { Observer } from './remediation/observer.js'
import { PlanProcessor } from './remediation/plan.processor.js'
import { RunProcessor } from './remediation/run.processor.js'
import { Rounds } from './rounds.js'
import { SignOfLife } from './sign-of-life.js'
import { processTimers } from './timers.js'
import { told } from './told.js'
import { watchedHands, watchedReaders } from './watched-systems.js'

const STORE = Symbol('store')

/** Closes the pool when everything that used it has stopped: jobs that are under way hand over first, and write that down. */
class StoreCloser implements OnApplicationShutdown {
  constructor(
    private readonly source: DataSource,
    private readonly queues: readonly Queue[],
    private readonly tracing: Tracing,
  ) {}
  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.queues.map((queue) => queue.close().catch(() => undefined)))
    if (this.source.isInitialized) await this.source.destroy()
    await this.tracing.close()
  }
}

/** The worker's composition root: what it is made of, all in one place. */
@Module({})
export class WorkerModule {
  static of(config: WorkerConfig, { log, tracing }: { log: Log; tracing: Tracing }): DynamicModule {
    const { recipes } = config
    const me = processActor(`worker@${hostname()}:${process.pid}`)
    const timers: Timers = processTimers((error) => log.warn(error instanceof Error ? error.message : String(error)))
    const tell = told(log)
    const metrics = new WorkerMetrics(() => new Date())
    const directory = new HouseDirectory(config.house)
    const watched = watchedReaders(config.watched, directory)
    const readers = (ledger: Ledger): Readers => ({
      ...watched,
      past: new RecordedRuns(ledger, () => new Date()),
      evidence: new EvidenceFolderReader(config.blobs, () => new Date()),
    })
    const hands: Hands = {
      ...watchedHands(config.watched, directory),
      evidence: new EvidenceFolderHands(config.blobs),
    }
    const world = (ledger: Ledger, follower: Following): World => ({
      ledger,
      follower: metrics.timing(follower),
      now: () => new Date(),
      newId: (prefix) => `${prefix}_${newUuid()}`,
      scopes: houseScopes(config.house),
      limits: houseLimits(config.house),
    })
    const tenures = (ledger: Ledger, follower: Following) =>
      new Tenures(world(ledger, follower), me.id, { seconds: config.tenureSeconds })

    return {
      module: WorkerModule,
      imports: queues.map((queue) =>
        BullModule.registerQueue({ name: queueKey(queue), ...queueOptions(config.redisUrl) }),
      ),
      providers: [
        { provide: STORE, useFactory: () => openKnownStore(config.databaseUrl, { applicationName: me.id }) },
        {
          provide: StoreCloser,
          useFactory: (source: DataSource, ...bells: Queue[]) => new StoreCloser(source, bells, tracing),
          inject: [STORE, ...queues.map((queue) => getQueueToken(queueKey(queue)))],
        },
        {
          provide: Ledger,
          useFactory: (source: DataSource) =>
            new PostgresLedger(source, {
              now: () => new Date(),
              account: correlation,
              committed: (entries) => {
                tell(entries)
                metrics.committed(entries)
              },
            }),
          inject: [STORE],
        },
        {
          provide: Following,
          useFactory: (source: DataSource) =>
            new Following(tracing, new PostgresTraces(source), (why) =>
              log.warn(`a trace is broken in two: ${String(why)}`),
            ),
          inject: [STORE],
        },
        { provide: Jobs, useFactory: (following: Following) => new Jobs(following, log, metrics), inject: [Following] },
        { provide: Backlog, useFactory: (source: DataSource) => new PostgresBacklog(source), inject: [STORE] },
        {
          provide: Doorbell,
          useFactory: (following: Following, ...bells: Queue[]) => {
            for (const bell of bells) {
              bell.on('error', (error) => log.warn(`Redis: ${error.message}`))
              bell.on('failed', (job, error) =>
                log.error(`${bell.name} failed: ${error.message}`, { job: job.data as unknown, err: error }),
              )
            }
            return new BullDoorbell(
              new Map(queues.map((queue, at): [QueueName, Queue] => [queue, bells[at]!])),
              (queue, id, why) => {
                metrics.ringUnheard(queue)
                log.warn(`nobody heard the bell of ${queue} ${id}: ${why}`)
              },
              (queue, id) => following.rung(`${queue}:${id}`),
            )
          },
          inject: [Following, ...queues.map((queue) => getQueueToken(queueKey(queue)))],
        },
        {
          provide: Planner,
          useFactory: (ledger: Ledger, following: Following, doorbell: Doorbell) =>
            new Planner(
              world(ledger, following),
              recipes,
              readers(ledger),
              me,
              { planExpiresMinutes: config.house.limits.plan_expires_minutes },
              doorbell,
            ),
          inject: [Ledger, Following, Doorbell],
        },
        {
          provide: Runner,
          useFactory: (ledger: Ledger, following: Following, doorbell: Doorbell) =>
            new Runner(
              world(ledger, following),
              recipes,
              readers(ledger),
              hands,
              tenures(ledger, following),
              timers,
              me,
              {
                verifyEveryMs: 500,
                attempts: 3,
                watchedClock: config.watched.clock,
                wake: (plan, at) => void doorbell.ring('run', plan, at),
              },
            ),
          inject: [Ledger, Following, Doorbell],
        },
        {
          provide: Loans,
          useFactory: (ledger: Ledger, following: Following) =>
            new Loans(world(ledger, following), readers(ledger), hands, tenures(ledger, following), timers, me),
          inject: [Ledger, Following],
        },
        {
          provide: ExportMaker,
          useFactory: (source: DataSource) =>
            new FileExportMaker(source, config.blobs, () => new Date(), config.exportKey),
          inject: [STORE],
        },
        {
          provide: Exports,
          useFactory: (ledger: Ledger, following: Following, maker: ExportMaker) =>
            new Exports(world(ledger, following), maker, tenures(ledger, following), timers, me),
          inject: [Ledger, Following, ExportMaker],
        },
        {
          provide: LogChecker,
          useFactory: (source: DataSource) =>
            new FileLogChecker(source, {
              blobs: config.blobs,
              policyFile: config.logPolicyFile,
              now: () => new Date(),
            }),
          inject: [STORE],
        },
        {
          provide: SelfChecks,
          useFactory: (ledger: Ledger, following: Following, checker: LogChecker) =>
            new SelfChecks(
              world(ledger, following),
              checker,
              tenures(ledger, following),
              timers,
              me,
              config.house.audit.self_check,
            ),
          inject: [Ledger, Following, LogChecker],
        },
        {
          provide: Rounds,
          useFactory: (
            source: DataSource,
            ledger: Ledger,
            following: Following,
            backlog: Backlog,
            doorbell: Doorbell,
            checks: SelfChecks,
          ) =>
            new Rounds(
              timers,
              metrics.counting(backlog),
              doorbell,
              new Observer(world(ledger, following), readers(ledger), config.house, timers, (target, why) => {
                metrics.lookFailed()
                log.warn(`could not look at ${target}: ${why}`)
              }),
              checks,
              { tellOver: () => new Budgets(world(ledger, following)).tellOver(me) },
              new BreakGlassAlarm(world(ledger, following), me),
              { carryOut: () => new Lifts(world(ledger, following)).carryOut(me) },
              () => clearExpired(source),
              { sweepMs: config.sweepMs, observeMs: config.house.observe.interval_s * 1000, clearMs: 60_000 },
            ),
          inject: [STORE, Ledger, Following, Backlog, Doorbell, SelfChecks],
        },
        {
          provide: SignOfLife,
          useFactory: (source: DataSource) => new SignOfLife(timers, source, me.id),
          inject: [STORE],
        },
        { provide: MetricsServer, useFactory: () => new MetricsServer(metrics, config.metrics, log) },
        PlanProcessor,
        RunProcessor,
        LoanProcessor,
        ExportProcessor,
        MaintenanceProcessor,
      ],
    }
  }
}
