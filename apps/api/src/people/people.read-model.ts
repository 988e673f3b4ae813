import { KEEPER, whyNotGrant, whyNotRevoke, type RoleGrant } from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import { pageOf } from '../http/reading.js'
import { mayNow } from '../http/rights.js'
import { select } from '../http/select.js'
import type { Caller } from './callers.js'
import { whyNotMakeKey } from './api-keys.js'
import { nameOf } from './names.js'
import type { PeopleQuery } from './people.schema.js'

interface Row {
  id: string
  kind: 'person' | 'service'
  name: string
}

/** Everybody, and what they may be asked for. */
export class PeopleReadModel {
  constructor(private readonly source: DataSource) {}

  async page({ role, limit, after }: z.infer<typeof PeopleQuery>, by: Caller) {
    const rows = await select<Row>(
      this.source,
      `select p.id, p.kind, p.name from flow.person p
       where ($1::text is null or p.id > $1) and ($2::text is null or exists (
         select from flow.role_grant g where g.person_id = p.id and g.role = $2 and g.revoked_at is null))
       order by p.id limit $3`,
      [after ?? null, role ?? null, limit + 1],
    )
    const { items, next } = pageOf(rows, limit)
    return { items: await this.views(items, by), next }
  }

  /** Somebody who is there. */
  async one(id: string, by: Caller) {
    const rows = await select<Row>(this.source, 'select id, kind, name from flow.person where id = $1', [id])
    return (await this.views(rows, by))[0]!
  }

  private async views(rows: Row[], by: Caller) {
    const [names, grants, [counted]] = await Promise.all([
      nameOf(this.source),
      select<RoleGrant>(
        this.source,
        `select id, person_id, role, since, "by" from flow.role_grant
         where person_id = any($1) and revoked_at is null order by role`,
        [rows.map(({ id }) => id)],
      ),
      select<{ keepers: number }>(
        this.source,
        'select count(*)::int as keepers from flow.role_grant where role = $1 and revoked_at is null',
        [KEEPER],
      ),
    ])
    return rows.map((row) => ({
      ...row,
      roles: grants
        .filter(({ person_id }) => person_id === row.id)
        .map((grant) => ({
          role: grant.role,
          since: grant.since,
          by: grant.by ? names(grant.by) : null,
          may: { revoke: mayNow('role.revoke', by, whyNotRevoke(grant.role, counted!.keepers)) },
        })),
      may: { grant: mayNow('role.grant', by, whyNotGrant(row, by)), make_key: mayMakeKey(by, row) },
    }))
  }
}

const mayMakeKey = (by: Caller, row: Row) => {
  const { right, no } = whyNotMakeKey(by, row)
  return mayNow(right, by, no)
}
