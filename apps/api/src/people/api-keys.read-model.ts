import { Refused, type ApiKey } from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import { pageOf } from '../http/reading.js'
import { insist, mayBy, mayNow } from '../http/rights.js'
import { select } from '../http/select.js'
import type { ApiKeyQuery } from './api-keys.schema.js'
import type { Caller } from './callers.js'
import { nameOf } from './names.js'

const KEY = `select id, person_id, name, prefix, scopes, created_at, expires_at, last_used, revoked_at from flow.api_key`

type Row = Omit<ApiKey, 'hash'>

/** Keys as their owner sees them, and whoever looks after keys. Never a secret, never its hash. */
export class ApiKeysReadModel {
  constructor(
    private readonly source: DataSource,
    private readonly now: () => Date,
  ) {}

  async page({ person = '', limit, after }: z.infer<typeof ApiKeyQuery>, by: Caller) {
    const whose = person === '' ? by.id : person
    if (whose !== by.id) insist('key.manage', by)
    const rows = await select<Row>(
      this.source,
      `${KEY} where person_id = $1 and ($2::text is null or id < $2) order by id desc limit $3`,
      [whose, after ?? null, limit + 1],
    )
    const { items, next } = pageOf(rows, limit)
    return { items: await this.views(items, by), next }
  }

  async one(id: string, by: Caller) {
    const [view] = await this.views(await select<Row>(this.source, `${KEY} where id = $1`, [id]), by)
    if (!view) throw new Refused('not-found', `You have no key ${id}.`)
    return view
  }

  private async views(rows: Row[], by: Caller) {
    const names = await nameOf(this.source)
    return rows.map(({ person_id, ...row }) => {
      const right = person_id === by.id ? 'key.revoke' : 'key.manage'
      const gone = row.revoked_at !== null && ({ code: 'superseded', reason: 'This key was taken back.' } as const)
      const over = row.expires_at !== null && new Date(row.expires_at) <= this.now()
      return {
        ...row,
        person: names(person_id),
        state: row.revoked_at !== null ? ('revoked' as const) : over ? ('expired' as const) : ('good' as const),
        may: { revoke: gone ? mayNow(right, by, gone) : mayBy(right, by) },
      }
    })
  }
}
