import { describe, expect, test } from 'vitest'
import { entry } from '../audit.js'
import type { Actor } from '../actor.js'
import type { Ledger, WriteBooks } from '../ledger.js'
import type { Delivery, Incident } from '../rows.js'

const actor: Actor = { kind: 'process', id: 'api', auth: 'process', roles: [] }

const incident = (id: string): Incident => ({
  id,
  state: 'open',
  class: 'unclassified',
  severity: 'SEV3',
  title: 'The thing is on fire',
  service: null,
  environment: null,
  group_key: `group of ${id}`,
  owner: null,
  opened_at: '2026-11-23T03:07:00.000Z',
  resolved_at: null,
  version: 1,
})

const delivery = (id: string, body: Uint8Array): Delivery => ({
  id,
  source: 'alertmanager',
  by: 'a monitor',
  received_at: '2026-11-23T03:07:00.000Z',
  state: 'stored',
  body,
  received: 1,
  opened: 0,
  joined: 0,
  repeated: 0,
  resolved: 0,
  suppressed: 0,
  refused: 0,
  faults: [{ pointer: '/alerts/0', message: 'a "word"' }],
})

const opened = (id: string) => entry(actor, `incident:${id}`, 'incident.opened', `incident:${id}`, { outcome: 'ok' })

async function open(books: WriteBooks, id: string): Promise<void> {
  await books.lock({ stream: [`incident:${id}`] })
  await books.incidents.add(incident(id))
  books.audit.append(opened(id))
}

/** What the domain relies on, for every ledger. */
export function ledgerContract(
  name: string,
  make: () => Promise<{ ledger: Ledger; entries: (stream: string) => Promise<{ type: string; stream_seq: number }[]> }>,
): void {
  describe(`${name}: a ledger`, () => {
    test('keeps what was written, with its entry', async () => {
      const { ledger, entries } = await make()
      await ledger.write((books) => open(books, 'inc_kept'))
      expect(await ledger.read((books) => books.incidents.get('inc_kept'))).toEqual(incident('inc_kept'))
      expect(await entries('incident:inc_kept')).toMatchObject([{ type: 'incident.opened', stream_seq: 0 }])
    })

    test('keeps many rows that were added at once, each as it was said', async () => {
      const { ledger } = await make()
      const many = ['inc_many_a', 'inc_many_b', 'inc_many_c'].map((id, nth) => ({
        ...incident(id),
        title: `${nth} "quoted" \\ – ${'\n'}`,
        owner: nth === 1 ? 'mira' : null,
      }))
      await ledger.write(async (books) => {
        await books.lock({ stream: many.map(({ id }) => `incident:${id}`) })
        await books.incidents.add(...many)
        books.audit.append(...many.map(({ id }) => opened(id)))
      })
      expect(await ledger.read((books) => books.incidents.where({ id: many.map(({ id }) => id) }))).toEqual(many)
      const again = ledger.write(async (books) => {
        await books.lock({ stream: ['incident:inc_many_a'] })
        await books.incidents.add({ ...incident('inc_many_d') }, many[0]!)
        books.audit.append(opened('inc_many_a'))
      })
      await expect(again).rejects.toThrow()
      expect(await ledger.read((books) => books.incidents.get('inc_many_d'))).toBeUndefined()
    })

    test('keeps nothing of a transaction that throws', async () => {
      const { ledger, entries } = await make()
      const failed = ledger.write(async (books) => {
        await open(books, 'inc_lost')
        throw new Error('no')
      })
      await expect(failed).rejects.toThrow('no')
      expect(await ledger.read((books) => books.incidents.get('inc_lost'))).toBeUndefined()
      expect(await entries('incident:inc_lost')).toEqual([])
    })

    test('refuses a change without an entry', async () => {
      const { ledger } = await make()
      const silent = ledger.write(async (books) => {
        await books.lock({ stream: ['incident:inc_silent'] })
        await books.incidents.add(incident('inc_silent'))
      })
      await expect(silent).rejects.toThrow(/has no audit entry in its transaction/)
      expect(await ledger.read((books) => books.incidents.get('inc_silent'))).toBeUndefined()
    })

    test('refuses to change what is not there, and keeps nothing of that transaction', async () => {
      const { ledger, entries } = await make()
      const stray = ledger.write(async (books) => {
        await open(books, 'inc_beside')
        await books.incidents.change('inc_nobody', { state: 'acknowledged' })
      })
      await expect(stray).rejects.toThrow(/there is no incidents? inc_nobody to change/)
      expect(await ledger.read((books) => books.incidents.get('inc_beside'))).toBeUndefined()
      expect(await entries('incident:inc_beside')).toEqual([])
    })

    test('changes many rows to the same at once, those alone, and none where one of them is not there', async () => {
      const { ledger } = await make()
      const rows = ['a', 'b', 'c']
        .map((letter) => letter.repeat(64))
        .map((id) => ({
          ...{ id, digest: id, results: [], ids: [], status: null, headers: null, answer: null },
          ...{ at: '2026-11-23T03:07:00.000Z', expires_at: '2026-11-24T03:07:00.000Z' },
        }))
      const [a, b, c] = rows.map(({ id }) => id) as [string, string, string]
      await ledger.write((books) => books.idempotency.add(...rows))
      await ledger.write((books) => books.idempotency.changeAll([a, c, a], { ids: ['made'] }))
      await ledger.write((books) => books.idempotency.changeAll([], { ids: [] }))
      const them = () => ledger.read((books) => books.idempotency.where({ id: [a, b, c] }))
      const now = rows.map((row) => (row.id === b ? row : { ...row, ids: ['made'] }))
      expect(await them()).toEqual(now)
      const stray = ledger.write((books) => books.idempotency.changeAll([b, 'd'.repeat(64)], { ids: [] }))
      await expect(stray).rejects.toThrow(/to change/)
      expect(await them()).toEqual(now)
    })

    test('keeps nothing of a change whose entry does not fit its type', async () => {
      const { ledger, entries } = await make()
      const misfit = ledger.write(async (books) => {
        await books.lock({ stream: ['incident:inc_misfit'] })
        await books.incidents.add(incident('inc_misfit'))
        books.audit.append({ ...opened('inc_misfit'), type: 'incident.exploded' })
      })
      await expect(misfit).rejects.toThrow()
      expect(await ledger.read((books) => books.incidents.get('inc_misfit'))).toBeUndefined()
      expect(await entries('incident:inc_misfit')).toEqual([])
    })

    test('reads what its locks protect also where it says both in one breath', async () => {
      const { ledger } = await make()
      await ledger.write((books) => open(books, 'inc_breath'))
      await Promise.all(
        Array.from({ length: 12 }, () =>
          ledger.write(async (books) => {
            const [, now] = await Promise.all([
              books.lock({ stream: ['incident:inc_breath'] }),
              books.incidents.get('inc_breath'),
            ])
            await books.incidents.change('inc_breath', { version: now!.version + 1 })
            books.audit.append(entry(actor, 'incident:inc_breath', 'incident.changed', 'incident:inc_breath'))
          }),
        ),
      )
      expect((await ledger.read((books) => books.incidents.get('inc_breath')))?.version).toBe(13)
    })

    test('refuses an entry about something else', async () => {
      const { ledger } = await make()
      const other = ledger.write(async (books) => {
        await books.lock({ stream: ['incident:inc_other'] })
        await books.incidents.add(incident('inc_other'))
        books.audit.append(entry(actor, 'incident:inc_other', 'incident.opened', 'incident:inc_another'))
      })
      await expect(other).rejects.toThrow(/has no audit entry/)
    })

    test('refuses an entry in a stream that is not locked, and a lock after a write', async () => {
      const { ledger } = await make()
      await expect(ledger.write(async (books) => books.audit.append(opened('inc_unlocked')))).rejects.toThrow(
        /was not locked/,
      )
      const late = ledger.write(async (books) => {
        await open(books, 'inc_late')
        await books.lock({ target: ['deployment:prod/api'] })
      })
      await expect(late).rejects.toThrow(/before the first write/)
    })

    test('lets a stream begin without a lock, also after a write, and only once', async () => {
      const { ledger, entries } = await make()
      const begin = (id: string, more: (books: WriteBooks) => Promise<void> = async () => undefined) =>
        ledger.write(async (books) => {
          await more(books)
          books.audit.begin(`incident:${id}`)
          await books.incidents.add(incident(id))
          books.audit.append(opened(id), entry(actor, `incident:${id}`, 'incident.changed', `incident:${id}`))
        })
      await begin('inc_begun', (books) => open(books, 'inc_before_it'))
      expect(await entries('incident:inc_begun')).toMatchObject([{ stream_seq: 0 }, { stream_seq: 1 }])
      const again = ledger.write(async (books) => {
        books.audit.begin('incident:inc_begun')
        await books.incidents.change('inc_begun', { state: 'acknowledged' })
        books.audit.append(entry(actor, 'incident:inc_begun', 'incident.acknowledged', 'incident:inc_begun'))
      })
      await expect(again).rejects.toThrow()
      expect(await ledger.read((books) => books.incidents.get('inc_begun'))).toMatchObject({ state: 'open' })
      expect(await entries('incident:inc_begun')).toHaveLength(2)
    })

    test('keeps the bytes of many rows that were added at once', async () => {
      const { ledger } = await make()
      const bodies = [Uint8Array.of(0, 0xff, 0x5c, 0x22), new Uint8Array(), new TextEncoder().encode('{"a":"\u0000"}')]
      const many = bodies.map((body, nth) => delivery(`dlv_bytes_${nth}`, body))
      await ledger.write(async (books) => {
        books.audit.begin(...many.map(({ id }) => `delivery:${id}`))
        await books.deliveries.add(...many)
        const stored = (id: string) => entry(actor, `delivery:${id}`, 'delivery.stored', `delivery:${id}`)
        books.audit.append(...many.map(({ id }) => stored(id)))
      })
      const kept = await ledger.read((books) => books.deliveries.where({ id: many.map(({ id }) => id) }))
      expect(kept.map(({ body }) => [...body])).toEqual(bodies.map((body) => [...body]))
      expect(kept.map((row) => ({ ...row, body: 0 }))).toEqual(many.map((row) => ({ ...row, body: 0 })))
    })

    test('refuses locks against their order', async () => {
      const { ledger } = await make()
      const crossed = ledger.write(async (books) => {
        await books.lock({ target: ['deployment:prod/api'] })
        await books.lock({ stream: ['run:1'] })
      })
      await expect(crossed).rejects.toThrow(/comes before/)
    })

    test('refuses a passage that is not in the table', async () => {
      const { ledger } = await make()
      await ledger.write((books) => open(books, 'inc_passage'))
      const wrong = ledger.write(async (books) => {
        await books.lock({ stream: ['incident:inc_passage'] })
        await books.incidents.change('inc_passage', { state: 'closed' })
        books.audit.append(entry(actor, 'incident:inc_passage', 'incident.closed', 'incident:inc_passage'))
      })
      await expect(wrong).rejects.toThrow(/cannot go from open to closed/)
    })

    test('finds rows by equality, by lists and by null, oldest id first', async () => {
      const { ledger } = await make()
      for (const id of ['inc_find_b', 'inc_find_a', 'inc_find_c']) await ledger.write((books) => open(books, id))
      const ids = (match: Parameters<WriteBooks['incidents']['where']>[0]) =>
        ledger.read(async (books) =>
          (await books.incidents.where(match)).map(({ id }) => id).filter((id) => id.startsWith('inc_find')),
        )
      expect(await ids({ state: 'open' })).toEqual(['inc_find_a', 'inc_find_b', 'inc_find_c'])
      expect(await ids({ id: ['inc_find_c', 'inc_find_a'] })).toEqual(['inc_find_a', 'inc_find_c'])
      expect(await ids({ owner: null, group_key: 'group of inc_find_b' })).toEqual(['inc_find_b'])
      expect(await ids({ id: [] })).toEqual([])
      const page = (after: string) =>
        ledger.read((books) =>
          books.incidents.ids({ id: ['inc_find_c', 'inc_find_b', 'inc_find_a'] }, { after, limit: 2 }),
        )
      expect(await page('')).toEqual(['inc_find_a', 'inc_find_b'])
      expect(await page('inc_find_b')).toEqual(['inc_find_c'])
    })

    test('finds the last one by its id, or none', async () => {
      const { ledger } = await make()
      for (const id of ['inc_last_b', 'inc_last_c', 'inc_last_a']) await ledger.write((books) => open(books, id))
      const last = (match: Parameters<WriteBooks['incidents']['last']>[0]) =>
        ledger.read((books) => books.incidents.last(match))
      const id = ['inc_last_a', 'inc_last_b', 'inc_last_c']
      expect(await last({ id })).toEqual(incident('inc_last_c'))
      expect(await last({ id: id.slice(0, 2), state: 'open' })).toEqual(incident('inc_last_b'))
      expect(await last({ id, owner: 'nobody' })).toBeUndefined()
      const seen = await ledger.write(async (books) => {
        await open(books, 'inc_last_d')
        return books.incidents.last({ id: [...id, 'inc_last_d'] })
      })
      expect(seen?.id).toBe('inc_last_d')
    })

    test('numbers a stream without gaps under concurrent writers', async () => {
      const { ledger, entries } = await make()
      await ledger.write((books) => open(books, 'inc_busy'))
      await Promise.all(
        Array.from({ length: 12 }, () =>
          ledger.write(async (books) => {
            await books.lock({ stream: ['incident:inc_busy'] })
            const now = (await books.incidents.get('inc_busy'))!
            await books.incidents.change('inc_busy', { version: now.version + 1 })
            books.audit.append(entry(actor, 'incident:inc_busy', 'incident.changed', 'incident:inc_busy'))
          }),
        ),
      )
      expect((await ledger.read((books) => books.incidents.get('inc_busy')))?.version).toBe(13)
      expect((await entries('incident:inc_busy')).map(({ stream_seq }) => stream_seq)).toEqual(
        Array.from({ length: 13 }, (_, seq) => seq),
      )
    })
  })
}
