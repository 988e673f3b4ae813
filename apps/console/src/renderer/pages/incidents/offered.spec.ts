import { expect, test } from 'vitest'
import { offered, whysNot } from './offered.js'

type It = Parameters<typeof offered>[0]
const names = (incident: Omit<It, 'lead'> & Partial<It>, me = 'hannah') =>
  offered({ lead: incident.owner, ...incident }, me).map(({ name, keys }) => [name, keys])
const owner = { id: 'sam', name: 'Sam Lindqvist' }

test('the verbs follow how far it has come, and one key resolves or opens again', () => {
  expect(names({ state: 'open', owner: null })).toEqual([
    ['Acknowledge', 'e'],
    ['Assign…', 'a'],
    ['Resolve…', 'r'],
    ['Correct severity…', null],
  ])
  expect(names({ state: 'acknowledged', owner })).toEqual([
    ['Hand over…', 'a'],
    ['Resolve…', 'r'],
    ['Correct severity…', null],
  ])
  for (const state of ['resolved', 'closed'] as const)
    expect(names({ state, owner })).toEqual([
      ['Open again…', 'r'],
      ['Correct severity…', null],
    ])
})

test('who was given it, and has not said that they have it, can say so; nobody else can for them', () => {
  const given = { state: 'acknowledged', owner, lead: { id: 'hannah', name: 'Hannah Okafor' } } as const
  expect(names(given, 'sam')[0]).toEqual(['Acknowledge', 'e'])
  expect(names(given, 'hannah')[0]).toEqual(['Hand over…', 'a'])
  expect(names({ ...given, lead: owner }, 'sam')[0]).toEqual(['Hand over…', 'a'])
})

test('a role that is missing is said once, and each other reason with what it holds back', () => {
  const role = (reason: string) => ({ ok: false, code: 'not-your-role', reason })
  expect(
    whysNot([
      { name: 'Acknowledge', may: role('is for sre; you are auditor.') },
      { name: 'Assign…', may: role('is for sre, ml; you are auditor.') },
      { name: 'Open again…', may: { ok: false, code: 'too-late', reason: 'It was closed.' } },
      { name: 'Resolve…', may: { ok: true } },
    ]),
  ).toEqual([
    { says: 'is for sre; you are auditor.', of: ['Acknowledge', 'Assign…'] },
    { says: 'It was closed.', of: ['Open again…'] },
  ])
  expect(whysNot([{ name: 'Resolve…', may: { ok: false } }])).toEqual([
    { says: 'You may not do this.', of: ['Resolve…'] },
  ])
})
