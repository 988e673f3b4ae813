import {
  Alerts,
  Approvals,
  Backlog,
  BreakGlasses,
  Budgets,
  Doorbell,
  ExportRequests,
  Incidents,
  Reopening,
  Interventions,
  Ledger,
  Lifts,
  LoanRequests,
  LogState,
  Freezes,
  OnceLedger,
  Graduations,
  Plans,
  QuietWindows,
  Roles,
  StandingApprovals,
  Successors,
  type AlertRules,
  type AlertSource,
  type Follower,
  type Limits,
  type Scopes,
  type World,
} from '@firebreak/flow'
import { ServiceDirectory, type Recipe } from '@firebreak/kit'
import { PostgresBacklog } from '@firebreak/store'
import type { Log, Tracing } from '@firebreak/telemetry'
import { StandardSchemaSerializerInterceptor, type DynamicModule, type Provider } from '@nestjs/common'
import { APP_GUARD, APP_INTERCEPTOR, DiscoveryModule } from '@nestjs/core'
import { AsyncLocalStorage } from 'node:async_hooks'
import { DataSource } from 'typeorm'
import { AlertSweep } from './alerts/alert-sweep.js'
import { AlertsController } from './alerts/alerts.controller.js'
import { AlertsReadModel } from './alerts/alerts.read-model.js'
import { ApprovalsController } from './approvals/approvals.controller.js'
import { AuditController } from './audit/audit.controller.js'
import { Downloads } from './audit/downloads.js'
import { ExportsReadModel } from './audit/exports.read-model.js'
import { CoveredLogLook } from './audit/log-look.js'
import { PostgresLogState } from './audit/log-state.js'
import { LogReads } from './audit/log-reads.js'
import { LogReadModel } from './audit/log.read-model.js'
import { ProofsController } from './audit/proofs.controller.js'
import { ProofsReadModel } from './audit/proofs.read-model.js'
import { SuccessorsController } from './audit/successors.controller.js'
import { SuccessorsReadModel } from './audit/successors.read-model.js'
import { BreakGlassController } from './break-glass/break-glass.controller.js'
import { BreakGlassReadModel } from './break-glass/break-glass.read-model.js'
import { BudgetsController } from './budgets/budgets.controller.js'
import { BudgetsReadModel } from './budgets/budgets.read-model.js'
import { CONFIG, type Config } from './config.js'
import { DescriptionController, OpenApiText } from './description.js'
import { FreezesController, StopController } from './freezes/freezes.controller.js'
import { FreezesReadModel } from './freezes/freezes.read-model.js'
import { HealthController } from './health/health.controller.js'
import { HealthCheck, RedisPulse } from './health/health.js'
import { Departure } from './http/departure.js'
import { Guard } from './http/guard.js'
import { Idempotency, KEYED, LEDGER_BEHIND, type Keyed } from './http/idempotency.js'
import { plain, token } from './http/plain.js'
import { Rates } from './http/rates.js'
import { endOfRound } from './http/round.js'
import { Refusals } from './http/refusals.js'
import { IncidentsController } from './incidents/incidents.controller.js'
import { CountsReadModel } from './incidents/counts.read-model.js'
import { IncidentsReadModel } from './incidents/incidents.read-model.js'
import { SurroundingsReadModel } from './incidents/surroundings.read-model.js'
import { Metrics } from './metrics/metrics.js'
import { MetricsController } from './metrics/metrics.controller.js'
import { MetricsReadModel } from './metrics/metrics.read-model.js'
import { LoansController } from './loans/loans.controller.js'
import { LoansReadModel } from './loans/loans.read-model.js'
import { PageController } from './page/page.controller.js'
import { Page } from './page/page.js'
import { ApiKeysController } from './people/api-keys.controller.js'
import { ApiKeysReadModel } from './people/api-keys.read-model.js'
import { ApiKeys } from './people/api-keys.js'
import { Callers } from './people/callers.js'
import { PeopleController, SeededController } from './people/people.controller.js'
import { PeopleReadModel } from './people/people.read-model.js'
import { Provider as IdentityProvider } from './people/provider.js'
import { RolesController } from './people/roles.controller.js'
import { Sessions } from './people/sessions.js'
import { PROVIDER, SignInController } from './people/sign-in.controller.js'
import { PlansController } from './plans/plans.controller.js'
import { PlansReadModel } from './plans/plans.read-model.js'
import { GraduationsReadModel } from './recipes/graduations.read-model.js'
import { QuietWindowsController } from './quiet-windows/quiet-windows.controller.js'
import { QuietWindowsReadModel } from './quiet-windows/quiet-windows.read-model.js'
import { RecipesController } from './recipes/recipes.controller.js'
import { RecipesReadModel } from './recipes/recipes.read-model.js'
import { RunbookController } from './runbook/runbook.controller.js'
import { Runbook } from './runbook/runbook.js'
import { RunsController } from './runs/runs.controller.js'
import { RunsReadModel } from './runs/runs.read-model.js'
import { StandingApprovalsController } from './standing-approvals/standing-approvals.controller.js'
import { StandingApprovalsReadModel } from './standing-approvals/standing-approvals.read-model.js'
import { LogTail } from './stream/log-tail.js'
import { StreamController } from './stream/stream.controller.js'
import { Stream, type StreamSettings } from './stream/stream.js'
import { TargetsController } from './targets/targets.controller.js'
import { TargetsReadModel } from './targets/targets.read-model.js'

/** What the app stands on. `main` brings the real ones, tests the same with a clock of theirs, `openapi` none that is on. */
export interface Ground {
  config: Config
  /** With the rights of `fb_api`. */
  source: DataSource
  ledger: Ledger
  doorbell: Doorbell
  redis: RedisPulse
  now: () => Date
  newId: (prefix: string) => string
  recipes: ReadonlyMap<string, Recipe>
  sources: ReadonlyMap<string, AlertSource>
  rules: AlertRules
  scopes: Scopes
  /** Whose each thing is. */
  directory: ServiceDirectory
  limits: Limits
  stream: StreamSettings
  /** Lines for whoever operates this. */
  log: Log
  tracing: Tracing
  /** Told of the work of the domain. */
  follower?: Follower
}

const WORLD = token<World>('world')
const NOW = token<() => Date>('now')
const ROUND = token<() => Promise<void>>('round')
const SAY = token<(line: string) => void>('say')
const RECIPES = token<ReadonlyMap<string, Recipe>>('recipes')
const SOURCES = token<ReadonlyMap<string, AlertSource>>('sources')
const RULES = token<AlertRules>('rules')
const BLOBS = token<string>('blobs')
const RUNBOOK = token<string>('runbook')
const CONSOLE = token<string>('console')
const STREAM = token<StreamSettings>('stream settings')

/** The composition root: everything that the API is made of, listed once. */
export class AppModule {
  static on(ground: Ground): DynamicModule {
    const { config, now } = ground
    const keyed: Keyed = new AsyncLocalStorage()
    const ledger = new OnceLedger(ground.ledger, now, () => keyed.getStore())
    const newId = (prefix: string) => keyed.getStore()?.newId(() => ground.newId(prefix)) ?? ground.newId(prefix)
    const given: Provider[] = [
      { provide: CONFIG, useValue: config },
      { provide: DataSource, useValue: ground.source },
      { provide: Ledger, useValue: ledger },
      { provide: LEDGER_BEHIND, useValue: ground.ledger },
      { provide: KEYED, useValue: keyed },
      { provide: Doorbell, useValue: ground.doorbell },
      { provide: RedisPulse, useValue: ground.redis },
      {
        provide: WORLD,
        useValue: {
          ...{ ledger, now, newId, scopes: ground.scopes, limits: ground.limits },
          ...(ground.follower ? { follower: ground.follower } : {}),
        } satisfies World,
      },
      { provide: NOW, useValue: now },
      { provide: ROUND, useValue: endOfRound },
      { provide: SAY, useValue: (line: string) => ground.log.warn(line) },
      { provide: RECIPES, useValue: ground.recipes },
      { provide: SOURCES, useValue: ground.sources },
      { provide: RULES, useValue: ground.rules },
      { provide: ServiceDirectory, useValue: ground.directory },
      { provide: BLOBS, useValue: config.blobs },
      { provide: RUNBOOK, useValue: config.runbook },
      { provide: CONSOLE, useValue: config.console },
      { provide: STREAM, useValue: ground.stream },
    ]
    const domain: Provider[] = [
      plain(Alerts, WORLD, SOURCES, RULES, Doorbell, SAY, ROUND),
      plain(Incidents, WORLD),
      plain(Reopening, WORLD, RULES, Doorbell),
      plain(Plans, WORLD, RECIPES, Doorbell),
      plain(Approvals, WORLD, Doorbell),
      plain(LoanRequests, WORLD, Doorbell),
      plain(Interventions, WORLD, Doorbell),
      plain(Graduations, WORLD, RECIPES, Doorbell),
      plain(StandingApprovals, WORLD, RECIPES, Doorbell),
      plain(Freezes, WORLD),
      plain(Lifts, WORLD),
      plain(BreakGlasses, WORLD, Doorbell),
      plain(QuietWindows, WORLD),
      plain(Budgets, WORLD),
      plain(Roles, WORLD),
      plain(ExportRequests, WORLD, Doorbell, CoveredLogLook),
      plain(Successors, WORLD, LogState),
    ]
    const screens: Provider[] = [
      plain(AlertsReadModel, DataSource),
      plain(IncidentsReadModel, DataSource, RULES, RECIPES, NOW),
      plain(SurroundingsReadModel, DataSource, ServiceDirectory, NOW),
      plain(CountsReadModel, DataSource, WORLD),
      plain(PlansReadModel, DataSource, RECIPES, WORLD),
      plain(RunsReadModel, DataSource, RECIPES),
      plain(LoansReadModel, DataSource),
      plain(StandingApprovalsReadModel, DataSource, RECIPES, NOW),
      plain(FreezesReadModel, DataSource, WORLD),
      plain(BreakGlassReadModel, DataSource, WORLD),
      plain(BudgetsReadModel, DataSource, WORLD),
      plain(QuietWindowsReadModel, DataSource, NOW),
      plain(RecipesReadModel, DataSource, RECIPES, WORLD),
      plain(GraduationsReadModel, DataSource, Ledger, RECIPES),
      plain(TargetsReadModel, DataSource, NOW),
      plain(LogReadModel, DataSource),
      plain(ProofsReadModel, DataSource),
      plain(SuccessorsReadModel, DataSource, LogState, NOW),
      plain(ExportsReadModel, DataSource),
      plain(CoveredLogLook, DataSource),
      plain(ApiKeysReadModel, DataSource, NOW),
      plain(PeopleReadModel, DataSource),
    ]
    return {
      module: AppModule,
      imports: [DiscoveryModule],
      providers: [
        ...given,
        ...domain,
        ...screens,
        { provide: LogState, useValue: new PostgresLogState(ground.source) },
        plain(LogReads, DataSource, NOW),
        plain(Refusals, WORLD, SAY),
        { provide: Departure, useFactory: () => new Departure() },
        { provide: Rates, useValue: new Rates(config.rate, now) },
        { provide: PROVIDER, useFactory: () => config.oidc && new IdentityProvider(config.oidc, now) },
        plain(Callers, DataSource, NOW, PROVIDER),
        { provide: Sessions, inject: [WORLD], useFactory: (world: World) => new Sessions(world, config.oidc?.admin) },
        plain(ApiKeys, WORLD),
        plain(AlertSweep, Alerts, Incidents, Lifts, RULES, SAY),
        plain(Downloads, WORLD, BLOBS),
        plain(Runbook, RUNBOOK, RECIPES),
        plain(HealthCheck, DataSource, RedisPulse, NOW),
        { provide: Backlog, useValue: new PostgresBacklog(ground.source) },
        plain(MetricsReadModel, DataSource, Backlog, NOW),
        plain(Metrics, MetricsReadModel, HealthCheck, RedisPulse, NOW),
        plain(LogTail, DataSource),
        plain(Stream, LogTail, NOW, STREAM),
        plain(Page, CONSOLE),
        OpenApiText,
        { provide: APP_GUARD, useClass: Guard },
        // Around the one that shapes answers: what is kept is the answer as it was sent.
        { provide: APP_INTERCEPTOR, useClass: Idempotency },
        { provide: APP_INTERCEPTOR, useClass: StandardSchemaSerializerInterceptor },
      ],
      controllers: [
        HealthController,
        MetricsController,
        AlertsController,
        TargetsController,
        IncidentsController,
        RecipesController,
        PlansController,
        ApprovalsController,
        StandingApprovalsController,
        RunsController,
        LoansController,
        FreezesController,
        StopController,
        BreakGlassController,
        QuietWindowsController,
        BudgetsController,
        AuditController,
        ProofsController,
        SuccessorsController,
        RunbookController,
        StreamController,
        PeopleController,
        RolesController,
        SignInController,
        ApiKeysController,
        ...(config.mode === 'sandbox' ? [SeededController] : []),
        DescriptionController,
        // Last: it takes every path that is nobody else's.
        PageController,
      ],
    }
  }
}
