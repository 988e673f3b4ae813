import { testLog } from '@firebreak/audit-store/testing'
import type { Role } from '@firebreak/kit'
import { freshDatabase } from '@firebreak/store/testing'
import { DiscoveryService, Reflector } from '@nestjs/core'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { routesOf } from '../src/http/guard.js'
import { RIGHT } from '../src/http/needs.js'
import { rights, type Right } from '../src/http/rights.js'
import { may as mayView, problem } from '../src/http/view.js'
import { actions, type Action } from './matrix/actions.js'
import { lines, routeOf, type Line, type Outcome, type Question, type Shared, type Whose } from './matrix/lines.js'
import { NothingKept } from './matrix/nothing-kept.js'
import { ROLELESS, situation } from './matrix/situation.js'
import { Stage } from './stage.js'

/** One of each role, somebody with none, and nobody. Whoever asks for another's thing asks for Sam's. */
const askers: Record<string, Role | 'no role' | 'nobody'> = {
  ...{ hannah: 'sre', mira: 'ml', theo: 'security', audrey: 'auditor', ada: 'admin', alertmanager: 'service' },
  ...{ [ROLELESS]: 'no role', nobody: 'nobody' },
}
const OTHER = 'sam'

let stage: Stage
let record: NothingKept
let its: (person: string) => Shared
let roleless: string
/** The lines of which somebody was told beforehand. */
const heard = new Set<string>()

beforeAll(async () => {
  const database = await freshDatabase()
  stage = await Stage.set({ database, record: (ledger) => (record = new NothingKept(ledger)) })
  const log = testLog()
  const people = [...Object.keys(askers).filter((asker) => asker !== 'nobody'), OTHER]
  const made = await situation(database.superuserUrl, join(stage.folder, 'blobs'), people, log)
  its = made.of
  roleless = made.secret
  await log.sequenceAll(database.url('fb_sequencer'))
})
afterAll(() => stage.strike())

/** What must come back. */
function expected({ may, but, own, other }: Line, role: (typeof askers)[string], whose: Whose): Outcome {
  const then = whose === 'own' ? own : other
  if (may === 'anyone') return then
  if (role === 'nobody') return 'not-signed-in'
  if (role !== 'no role' && but?.[role]) return but[role][whose]
  if (may === 'signed-in') return then
  return role !== 'no role' && may.includes(role) ? then : 'not-your-role'
}

/** What does. */
async function ask(name: string, asker: string, { path = {}, query = {}, body }: Question): Promise<Outcome> {
  const [method, route] = routeOf(name).split(' ') as [string, string]
  const url = new URL(
    route.replace(/\{(\w+)\}/g, (_, part: string) => encodeURIComponent(path[part]!)),
    stage.url,
  )
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value)
  const key = asker === ROLELESS ? roleless : asker === 'nobody' ? undefined : stage.key(asker)
  const before = record.done
  const answer = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  // What was not kept cannot be shown afterwards; it was done nevertheless.
  if (answer.status < 400 || record.done > before) {
    await answer.body?.cancel()
    return 'done'
  }
  return problem.parse(await answer.json()).code as Outcome
}

/** What the thing says beforehand; undefined for who cannot read it, or where it says nothing. */
async function beforehand(asker: string, action: Action | undefined, its: Shared): Promise<Outcome | undefined> {
  if (!action || 'none' in action || asker === 'nobody') return undefined
  const { path, id } = 'right' in action ? { path: '/v1/me' } : action.read(its)
  const key = asker === ROLELESS ? roleless : stage.key(asker)
  const answer = await fetch(new URL(path, stage.url), { headers: { authorization: `Bearer ${key}` } })
  const read = (await answer.json()) as Thing & { items?: Thing[] }
  if (!answer.ok) return undefined
  const thing = id === undefined ? read : read.items?.find((item) => item['id'] === id)
  if (!thing) return undefined
  const way = 'right' in action ? ['may', action.right] : action.at.split('.').slice(1)
  const said = way.reduce<unknown>((found, part) => {
    if (part === '*') return (found as Thing[]).find((item) => 'pick' in action && action.pick?.(item, its))
    return (found as Thing | undefined)?.[part]
  }, thing)
  if (said === undefined) return undefined
  const may = mayView.parse(said)
  return may.ok ? 'done' : (may.code as Outcome)
}
type Thing = Record<string, unknown>

describe.each(Object.entries(lines))('%s', (name, line) => {
  test.each(Object.entries(askers))('as %s (%s), about their own and about another’s', async (asker, role) => {
    const found: Partial<Record<Whose, Outcome>> = {}
    const said: Partial<Record<Whose, Outcome>> = {}
    for (const whose of ['own', 'other'] as const) {
      const person = whose === 'other' || asker === 'nobody' ? OTHER : asker
      const before = await beforehand(asker, actions[name], its(person))
      found[whose] = await ask(name, asker, line.ask(its(person)))
      if (before !== undefined) said[whose] = before
    }
    // What it says beforehand is what it answers.
    expect(found).toMatchObject(said)
    if (Object.keys(said).length > 0) heard.add(name)
    expect(found).toEqual({
      own: expected(line, role, asker === 'nobody' ? 'other' : 'own'),
      other: expected(line, role, 'other'),
    })
  })
})

test('of every action that can be said beforehand something was', () => {
  const sayable = Object.entries(actions).flatMap(([name, action]) => ('none' in action ? [] : [name]))
  expect([...heard].sort()).toEqual(sayable.sort())
})

test('no route that asks who is there is missing in openapi.json, and so in the lines', () => {
  const discovery = stage.app.get(DiscoveryService, { strict: false })
  const reflector = stage.app.get(Reflector, { strict: false })
  const asking = routesOf(discovery).filter(({ handler }) => {
    const right = reflector.get<Right>(RIGHT, handler)
    return rights[right] !== 'anyone'
  })
  const routes = new Set(Object.entries(lines).flatMap(([name, { may }]) => (may === 'anyone' ? [] : [routeOf(name)])))
  expect(asking).toHaveLength(routes.size)
})
