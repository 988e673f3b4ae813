import { encodeEntry, type EntryBody } from '@firebreak/audit-log'
import { Ledger, lockOrder, type Book, type Books, type Locks, type Match, type WriteBooks } from '../ledger.js'
import type { Draft } from '../audit.js'
import { mayPass, type Thing } from '../passages.js'
import { targetsOf } from '../approvals.js'
import type { Freeze, Plan, QuietWindow, Request as Asked, Run, RunStep } from '../rows.js'
import { anewOf } from '../lifts.js'
import { revertedBy } from '../reverts.js'

/** The kind that a controlled book's rows bear in an entry's `about`; null where none is needed (powers.md). */
const kinds: Record<BookName, string | null> = {
  deliveries: 'delivery',
  alerts: 'alert',
  incidents: 'incident',
  acknowledgements: null,
  requests: 'request',
  plans: 'plan',
  approvals: 'approval',
  runs: 'run',
  steps: 'step',
  stepItems: null,
  tenures: null,
  targetLocks: 'target_lock',
  loans: 'loan',
  observations: null,
  figures: null,
  targetStates: null,
  exports: 'export',
  votes: 'vote',
  standingApprovals: 'standing_approval',
  freezes: 'freeze',
  breakGlass: 'break_glass',
  breakGlassDecisions: 'break_glass_decision',
  breakGlassUses: 'break_glass_use',
  breakGlassReviews: 'break_glass_review',
  quietWindows: 'quiet_window',
  spentBudgets: 'budget',
  enforcements: 'enforcement',
  maintenanceRuns: 'maintenance_run',
  people: 'person',
  roleGrants: 'role_grant',
  apiKeys: 'api_key',
  sessions: null,
  idempotency: null,
}

// What the store adds to a draft; here only so that the log's own schema can be asked.
const ENTRY_ID = '01982a0c-0000-7000-8000-000000000000'
const TS = '2026-11-23T03:07:00.000Z'

type Row = { id: string; state?: string }
type BookName = Exclude<
  keyof Books,
  | 'frozen'
  | 'freezesOver'
  | 'liftsToCarryOut'
  | 'frozenRunsToPlan'
  | 'revertsOf'
  | 'quiet'
  | 'lastRunOn'
  | 'endedRunsOf'
  | 'startedByThemselves'
  | 'startsUnder'
  | 'recordOf'
>
type Tables = Record<BookName, Map<string, Row>>

/** What the log holds after the commits so far. */
export interface Logged extends Draft {
  stream_seq: number
}

/**
 * The record in memory, with the rules that Postgres holds: all or nothing, one transaction at a time, locks before
 * writes, passages, no controlled change without its entry.
 */
export class FakeLedger extends Ledger {
  private tables = Object.fromEntries(Object.keys(kinds).map((name) => [name, new Map()])) as Tables
  private turn: Promise<unknown> = Promise.resolve()
  /** The audit log, in order of commit. */
  log: Logged[] = []
  /** Told before a commit; what it throws is a commit that did not happen. For tests of crashes. */
  beforeCommit: (drafts: readonly Draft[]) => void = () => undefined

  /** A row that was there before the story begins, without an entry. */
  put<Name extends BookName>(book: Name, row: NonNullable<Awaited<ReturnType<Books[Name]['get']>>>): void {
    this.tables[book].set(row.id, structuredClone(row))
  }

  override write<T>(work: (books: WriteBooks) => Promise<T>): Promise<T> {
    const mine = this.turn.then(() => this.transact(work))
    this.turn = mine.catch(() => undefined)
    return mine
  }

  override read<T>(work: (books: Books) => Promise<T>): Promise<T> {
    return work(
      booksOn(this.tables, () => {
        throw new Error('a read cannot change anything: use write')
      }),
    )
  }

  private async transact<T>(work: (books: WriteBooks) => Promise<T>): Promise<T> {
    const tables = structuredClone(this.tables)
    const touched = new Set<string>()
    const drafts: Draft[] = []
    const [streams, begun] = [new Set<string>(), new Set<string>()]
    let wrote = false
    let reached = -1
    const books: WriteBooks = {
      ...booksOn(tables, (book, row) => {
        wrote = true
        if (kinds[book] && row) touched.add(`${kinds[book]}:${row}`)
      }),
      lock: async (locks: Locks) => {
        if (wrote) throw new Error('locks are taken before the first write of a transaction')
        for (const [order, space] of lockOrder.entries()) {
          if ((locks[space] ?? []).length === 0) continue
          if (order < reached) throw new Error(`a ${space} lock comes before a ${lockOrder[reached]} lock`)
          reached = order
          if (space === 'stream') for (const name of locks.stream ?? []) streams.add(name)
        }
      },
      tryKey: async () => {
        if (wrote || reached > 0) throw new Error('a key is tried before every other lock and write')
        return true
      },
      audit: {
        append: (...more) => {
          for (const { stream } of more)
            if (!streams.has(stream)) throw new Error(`the stream ${stream} was not locked before it was appended to`)
          drafts.push(...structuredClone(more))
        },
        begin: (...more) => {
          for (const stream of more) [streams, begun].forEach((set) => set.add(stream))
        },
        count: async (asked) => {
          for (const stream of asked)
            if (!streams.has(stream)) throw new Error(`the stream ${stream} was not locked before it was counted`)
          return new Map(asked.map((stream) => [stream, this.log.filter((one) => one.stream === stream).length]))
        },
      },
    }
    const result = await work(books)
    for (const row of touched)
      if (!drafts.some(({ about }) => about === row))
        throw new Error(`the change of ${row} has no audit entry in its transaction`)
    for (const { stream } of drafts)
      if (begun.has(stream) && this.log.some((one) => one.stream === stream))
        throw new Error(`the stream ${stream} was to begin and has entries already`)
    const entries = drafts.map((draft, at) => ({
      ...draft,
      stream_seq: [...this.log, ...drafts.slice(0, at)].filter(({ stream }) => stream === draft.stream).length,
    }))
    for (const entry of entries) {
      const body: Partial<Logged> = { ...entry }
      delete body.personal
      encodeEntry({ ...body, v: 1, entry_id: ENTRY_ID, ts: TS } as unknown as EntryBody)
    }
    this.beforeCommit(drafts)
    this.tables = tables
    this.log.push(...entries)
    return result
  }
}

function booksOn(tables: Tables, touch: (book: BookName, controlledRow: string | null) => void): Books {
  const book = (name: BookName): Book<Row> => {
    const rows = tables[name]
    // Items pass as steps do; their step's entries speak for them.
    const thing = (name === 'stepItems' ? 'step' : kinds[name]) as Thing
    const change = async (id: string, columns: object) => {
      const row = rows.get(id)
      if (!row) throw new Error(`there is no ${name} ${id} to change`)
      const to = (columns as Partial<Row>).state
      const moves = to !== undefined && to !== row.state
      if (moves && !mayPass(thing, row.state ?? null, to))
        throw new Error(`a ${thing} cannot go from ${row.state} to ${to}`)
      touch(name, moves ? id : null)
      rows.set(id, { ...row, ...structuredClone(columns) })
    }
    return {
      get: async (id) => structuredClone(rows.get(id)),
      where: async (match) =>
        [...rows.values()]
          .filter((row) => fits(row, match))
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .map((row) => structuredClone(row)),
      last: async (match) =>
        structuredClone(
          [...rows.values()]
            .filter((row) => fits(row, match))
            .reduce<Row | undefined>((last, row) => (last && last.id > row.id ? last : row), undefined),
        ),
      ids: async (match, { after, limit }) =>
        [...rows.values()]
          .filter((row) => fits(row, match) && row.id > after)
          .map(({ id }) => id)
          .sort()
          .slice(0, limit),
      add: async (...more) => {
        for (const row of more) {
          if (rows.has(row.id)) throw new Error(`there is a ${name} ${row.id} already`)
          if (row.state !== undefined && !mayPass(thing, null, row.state))
            throw new Error(`a ${thing} cannot begin as ${row.state}`)
          touch(name, row.id)
          rows.set(row.id, structuredClone(row))
        }
      },
      change,
      changeAll: async (ids, columns) => {
        for (const id of ids) await change(id, columns)
      },
      remove: async (...ids) => {
        for (const id of ids) {
          touch(name, id)
          rows.delete(id)
        }
      },
    }
  }
  const lifted = (id: string) => tables.enforcements.get(id)?.state === 'lifted'
  return {
    ...Object.fromEntries(Object.keys(kinds).map((name) => [name, book(name as BookName)])),
    frozen: async (scopes: readonly string[]) =>
      ([...tables.freezes.values()] as unknown as Freeze[])
        .filter((freeze) => !lifted(freeze.id) && freeze.scopes.some((scope) => scopes.includes(scope)))
        .map((freeze) => structuredClone(freeze)),
    freezesOver: async (scopes: readonly string[]) =>
      ([...tables.freezes.values()] as unknown as Freeze[]).filter((freeze) =>
        freeze.scopes.some((scope) => scopes.includes(scope)),
      ).length,
    // More than is ripe: whoever carries it out looks again.
    liftsToCarryOut: async () =>
      ([...tables.freezes.values()] as unknown as Freeze[])
        .filter(
          ({ id }) =>
            !lifted(id) && [...tables.requests.values()].some((one) => (one as unknown as Asked).subject === id),
        ) // prettier-ignore
        .map((freeze) => structuredClone(freeze)),
    frozenRunsToPlan: async () =>
      ([...tables.runs.values()] as unknown as Run[])
        .filter(
          ({ frozen_by, id, state }) =>
            state === 'frozen' && frozen_by !== null && lifted(frozen_by) && !tables.requests.has(anewOf(id)),
        ) // prettier-ignore
        .map((run) => structuredClone(run)),
    revertsOf: async (run: string) =>
      ([...tables.requests.values()] as unknown as Asked[])
        .filter((request) => request.kind === 'plan' && revertedBy(request) === run)
        .map((request) => structuredClone(request)),
    quiet: async (scopes: readonly string[], at: string) =>
      ([...tables.quietWindows.values()] as unknown as QuietWindow[])
        .filter((one) => one.cancelled_at === null && one.starts_at <= at && one.ends_at > at)
        .filter((one) => one.scopes.some((scope) => scopes.includes(scope)))
        .map((one) => structuredClone(one)),
    startedByThemselves: async (since: string) =>
      ([...tables.runs.values()] as unknown as Run[])
        .filter(({ standing, started_at }) => standing !== null && started_at >= since)
        .map(({ plan_id, recipe_id }) => ({
          recipe: recipe_id,
          targets: targetsOf(tables.plans.get(plan_id) as unknown as Plan),
        })),
    startsUnder: async (standing: string, since: string) =>
      ([...tables.runs.values()] as unknown as Run[])
        .filter((run) => run.standing === standing && run.started_at > since)
        .map(({ started_at }) => started_at),
    lastRunOn: async (targets: readonly string[], since: string) => {
      const began = new Set(
        ([...tables.steps.values()] as unknown as RunStep[])
          .filter(({ intended_at }) => intended_at !== null)
          .map(({ run_id }) => run_id),
      )
      const last = ([...tables.runs.values()] as unknown as Run[])
        .filter(({ id, ended_at }) => began.has(id) && ended_at !== null && ended_at > since)
        .sort((a, b) => (a.ended_at! < b.ended_at! ? 1 : -1))
        .map(({ id, plan_id, ended_at }) => {
          const touched = targetsOf(tables.plans.get(plan_id) as unknown as Plan)
          return {
            run: id,
            target: touched.filter((target) => targets.includes(target)).sort()[0],
            ended_at: ended_at!,
          }
        })
      return last.find(({ target }) => target !== undefined)
    },
    endedRunsOf: async (
      recipe: string,
      { since, before, limit }: { since: string; before: string | null; limit: number },
    ) =>
      ([...tables.runs.values()] as unknown as Run[])
        .filter(({ recipe_id, ended_at }) => recipe_id === recipe && ended_at !== null && ended_at > since)
        .filter(({ id }) => before === null || id < before)
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, limit)
        .map((run) => structuredClone(run)),
    recordOf: async (recipe_digest: string) => {
      const plans = ([...tables.plans.values()] as unknown as Plan[]).filter(
        (plan) => plan.recipe_digest === recipe_digest,
      )
      const runs = ([...tables.runs.values()] as unknown as Run[]).filter((run) =>
        plans.some(({ id }) => id === run.plan_id),
      )
      return {
        watched: plans.filter(({ state, body }) => state === 'stopped' && body !== null).length,
        stopped: plans.filter(({ body }) => body === null).length,
        proposed: plans.filter(({ state, body }) => state !== 'stopped' && body !== null).length,
        refused: plans.filter(({ state }) => state === 'refused').length,
        runs: runs.length,
        succeeded: runs.filter(({ state }) => state === 'succeeded').length,
        undone: runs.filter(({ state }) => state === 'undone').length,
        needed_a_person: runs.filter(({ state, answered }) => state === 'needs-a-person' || answered !== null).length,
      }
    },
  } as unknown as Books
}

function fits(row: object, match: Match<Row>): boolean {
  return Object.entries(match).every(([column, wanted]) => {
    // A column that nobody filled is null in Postgres.
    const value = (row as Record<string, unknown>)[column] ?? null
    return Array.isArray(wanted) ? wanted.includes(value) : value === wanted
  })
}
