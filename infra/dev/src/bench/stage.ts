import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { LOGIN_ROLES, migrate, prepareCluster, type LoginRole, type Passwords } from '@firebreak/store'
import { withClient } from '../crash/database.js'
import { temporaryPostgres } from '../postgres.js'

/** A Postgres as it would be kept in earnest: it waits for the disk. */
export interface BenchPostgres {
  folder: string
  superuserUrl: string
  /** Makes a migrated database. */
  database(name: string): Promise<BenchDatabase>
  stop(): Promise<void>
}

export interface BenchDatabase {
  url(role?: LoginRole): string
}

const passwords = Object.fromEntries(LOGIN_ROLES.map((role) => [role, `bench-only-${role}`])) as Passwords

const EARNEST = {
  fsync: 'on',
  full_page_writes: 'on',
  shared_buffers: '512MB',
  max_wal_size: '4GB',
  checkpoint_timeout: '30min',
}

export async function benchPostgres(): Promise<BenchPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-bench-'))
  mkdirSync(join(folder, 'logs'))
  const postgres = await temporaryPostgres(EARNEST)
  return {
    folder,
    superuserUrl: postgres.url,
    async database(name) {
      await prepareCluster(postgres.url, name, passwords)
      const url = (role?: LoginRole) => {
        const url = new URL(postgres.url)
        if (role) [url.username, url.password] = [role, passwords[role]]
        url.pathname = `/${name}`
        return url.href
      }
      await migrate(url('fb_migrator'))
      return { url }
    },
    async stop() {
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** As a sequencer leaves the log that leads it; one that worked here would be measured with the rest. By a superuser. */
export const atHome = (client: pg.Client) =>
  client.query('update audit.cursor set home_since = pg_postmaster_start_time()')

/** Waits until the sequencer has covered and published all there is. */
export async function allCovered(superuserUrl: string, patienceMs = 120_000): Promise<void> {
  const deadline = performance.now() + patienceMs
  await withClient(superuserUrl, async (client) => {
    for (;;) {
      const { rows } = await client.query<{ done: boolean }>(
        `select not exists (select from audit.entry e, audit.cursor c where (e.era, e.xid, e.id) > (c.last_era, c.last_xid, c.last_id))
           and (select next_position from audit.cursor) = coalesce((select max(size) from audit.checkpoint), 0) as done`,
      )
      if (rows[0]?.done) return
      if (performance.now() > deadline) throw new Error(`the log was not covered within ${patienceMs / 1_000} s`)
      await new Promise((wake) => setTimeout(wake, 50))
    }
  })
}
