import {
  decodeEntry,
  encodeEntry,
  entryTypes,
  hex,
  sha256,
  text,
  utf8,
  type EntryBody,
  type EntryType,
} from '@firebreak/audit-log'
import { testBodies, testEntries } from '@firebreak/audit-log/testing'
import { describe, expect, test } from 'vitest'
import { csv } from './lines/csv.js'
import type { LineFormat } from './lines/format.js'
import { ndjson } from './lines/ndjson.js'
import { ocsf, OCSF } from './lines/ocsf.js'
import { writeLines, type Reached } from './lines/write.js'
import { stored } from './testing/bundles.js'

const context = { completeness: 'SELECTED', origin: 'log.example/firebreak', checkpoint: 99 } as const

async function lines(format: LineFormat, bodies: readonly Uint8Array[], after?: Reached) {
  let written = ''
  async function* entries() {
    for await (const entry of stored(bodies)) if (entry.position >= (after?.position ?? 0)) yield entry
  }
  const reached: Reached[] = []
  const last = await writeLines(
    { format, context, entries: entries(), ...(after ? { after } : {}), reached: (one) => void reached.push(one) },
    (chunk) => void (written += text(chunk)),
  )
  return { written, reached, last }
}

const saying = (reason: string): Uint8Array => encodeEntry({ ...testEntries(1)[0]!, reason })

/** A reader of RFC 4180 that is not the writer's. */
function table(csv: string): string[][] {
  const rows: string[][] = [[]]
  let [cell, quoted] = ['', false]
  for (let i = 0; i < csv.length; i++) {
    const char = csv[i]!
    if (quoted && char === '"' && csv[i + 1] === '"') [cell, i] = [`${cell}"`, i + 1]
    else if (char === '"') quoted = !quoted
    else if (!quoted && char === ',') [cell] = [(rows.at(-1)!.push(cell), '')]
    else if (!quoted && csv.startsWith('\r\n', i)) {
      rows.at(-1)!.push(cell)
      rows.push([])
      ;[cell, i] = ['', i + 1]
    } else cell += char
  }
  return rows.slice(0, -1)
}

describe('NDJSON', () => {
  test('is the bytes that were hashed, one entry a line', async () => {
    const bodies = testBodies(50)
    const { last, written } = await lines(ndjson, bodies)
    expect(written).toBe(bodies.map((body) => `${text(body)}\n`).join(''))
    expect(last).toEqual({ entries: 50, position: 50, bytes: utf8(written).length })
  })

  test('goes on where it was', async () => {
    const bodies = testBodies(3000)
    const { reached, written } = await lines(ndjson, bodies)
    expect(reached.length).toBeGreaterThan(3)
    for (const after of reached.slice(0, -1)) {
      const rest = await lines(ndjson, bodies, after)
      expect(text(utf8(written).slice(0, after.bytes)) + rest.written).toBe(written)
      expect(rest.last).toEqual(reached.at(-1))
    }
  })

  test('of nothing is none', async () => expect(lines(ndjson, [])).rejects.toMatchObject({ code: 'empty-selection' }))
})

describe('CSV', () => {
  test('is a table with a head and a row for each entry, UTF-8 and CRLF', async () => {
    const bodies = testBodies(40)
    const [head, ...rows] = table((await lines(csv, bodies)).written)
    expect(rows).toHaveLength(40)
    for (const [i, row] of rows.entries()) {
      const entry = decodeEntry(bodies[i]!)
      const cell = (name: string) => row[head!.indexOf(name)]
      expect(row).toHaveLength(head!.length)
      expect([cell('position'), cell('entry_id'), cell('actor')]).toEqual([`${i}`, entry.entry_id, entry.actor.id])
      expect(cell('reason')).toBe(entry.reason ?? '')
    }
  })

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\nx', '=cmd|" /C calc"!A0', '=HYPERLINK("http://x","y")'])(
    'no cell begins as a formula: %j',
    async (reason) => {
      const [head, row] = table((await lines(csv, [saying(reason)])).written)
      expect(row![head!.indexOf('reason')]).toBe(`'${reason}`)
      expect(row!.filter((cell) => /^[=+\-@\t\r\n\0]/.test(cell))).toEqual([])
    },
  )

  test.each(['a,b', 'say "no"', 'two\nlines', 'plain', "it's"])('a cell is what was said: %j', async (reason) => {
    const [head, row] = table((await lines(csv, [saying(reason)])).written)
    expect(row![head!.indexOf('reason')]).toBe(reason)
  })
})

interface OcsfEvent {
  category_uid: number
  class_uid: number
  activity_id: number
  type_uid: number
  activity_name?: string
  [attribute: string]: unknown
}

describe('OCSF', () => {
  const events = async (bodies: readonly Uint8Array[]) =>
    (await lines(ocsf, bodies)).written
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as OcsfEvent)

  test('every type of entry has its class', () => {
    expect(Object.keys(OCSF).sort()).toEqual(Object.keys(entryTypes).sort())
  })

  test('each event has what the schema demands of every one, and leads back to the entry', async () => {
    const bodies = testBodies(30)
    for (const [i, event] of (await events(bodies)).entries()) {
      const entry = decodeEntry(bodies[i]!)
      const { activity_id, category_uid, class_uid, type_uid } = event
      expect([category_uid, type_uid]).toEqual([Math.floor(class_uid / 1000), class_uid * 100 + activity_id])
      expect(event).toMatchObject({
        time: Date.parse(entry.ts),
        severity_id: 1,
        metadata: {
          product: { name: 'Firebreak' },
          uid: entry.entry_id,
          sequence: i,
          log_name: 'log.example/firebreak',
          labels: ['completeness:SELECTED', 'checkpoint:99'],
        },
        raw_data: text(bodies[i]!),
        raw_data_hash: { algorithm_id: 3, value: hex(sha256(bodies[i]!)) },
      })
    }
  })

  const required: Record<number, string[]> = {
    2003: ['finding_info', 'compliance'],
    2004: ['finding_info'],
    2005: ['finding_info_list', 'status_id', 'assignee'],
    3001: ['user'],
    3002: ['user'],
    3004: ['entity'],
    3005: ['user'],
    6002: ['app'],
    6003: ['api', 'actor', 'src_endpoint'],
    7001: ['command_uid'],
  }
  test.each(Object.keys(entryTypes) as EntryType[])('%s has what its class demands', async (type) => {
    const rest: Partial<EntryBody> = { ...testEntries(1)[0]!, detail: undefined }
    const [event] = await events([encodeEntry({ ...rest, type } as EntryBody)])
    const demanded = required[event!.class_uid]
    expect(demanded).toBeDefined()
    for (const attribute of demanded!) expect(event![attribute], attribute).toBeTruthy()
    if (event!.activity_id === 99) expect(event!.activity_name).toBe(type)
  })
})
