import type { Actor } from '@firebreak/flow'
import { roles, type Role } from '@firebreak/kit'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { mayBy, mayNow, rights, type Right } from './rights.js'

const actor = (...roles: Role[]): Actor => ({
  kind: roles.includes('service') ? 'service' : 'person',
  id: 'x',
  auth: 'session',
  roles,
})
const allowed = (role: Role) =>
  (Object.keys(rights) as Right[]).filter((right) => rights[right] !== 'anyone' && mayBy(right, actor(role)).ok)

test('who may do what', () => {
  expect(
    Object.fromEntries(roles.map((role) => [role, allowed(role).filter((right) => !right.endsWith('.read'))])),
  ).toEqual({
    sre: [
      'incident.acknowledge',
      'incident.resolve',
      'incident.note',
      'incident.assign',
      'incident.correct',
      'incident.reopen',
      'recipe.graduate',
      'plan.request',
      'plan.approve',
      'plan.cancel',
      'standing.give',
      'standing.revoke',
      'run.cancel',
      'run.resolve',
      'loan.return',
      'loan.renew',
      'freeze.check',
      'break-glass.decide',
      'budget.rearm',
      'quiet.declare',
      'quiet.cancel',
      'stop.press',
      'stop.release',
      'key.make',
      'key.revoke',
    ],
    ml: [
      'incident.acknowledge',
      'incident.resolve',
      'incident.note',
      'incident.assign',
      'incident.correct',
      'incident.reopen',
      'recipe.graduate',
      'plan.request',
      'plan.approve',
      'plan.cancel',
      'standing.give',
      'standing.revoke',
      'run.cancel',
      'run.resolve',
      'loan.return',
      'loan.renew',
      'freeze.check',
      'break-glass.decide',
      'budget.rearm',
      'stop.press',
      'stop.release',
      'key.make',
      'key.revoke',
    ],
    security: [
      'incident.acknowledge',
      'incident.resolve',
      'incident.note',
      'incident.assign',
      'incident.correct',
      'incident.reopen',
      'recipe.graduate',
      'plan.request',
      'plan.approve',
      'plan.cancel',
      'standing.give',
      'standing.revoke',
      'run.cancel',
      'run.resolve',
      'loan.return',
      'loan.renew',
      'freeze.check',
      'freeze.declare',
      'freeze.lift',
      'break-glass.ask',
      'break-glass.decide',
      'break-glass.review',
      'budget.rearm',
      'stop.press',
      'stop.release',
      'audit.export',
      'audit.disclose',
      'audit.succeed',
      'key.make',
      'key.revoke',
    ],
    auditor: ['freeze.check', 'audit.export', 'audit.disclose', 'key.make', 'key.revoke'],
    admin: [
      'alert.send',
      'freeze.check',
      'audit.export',
      'key.make',
      'key.revoke',
      'key.manage',
      'role.grant',
      'role.revoke',
      'service.add',
    ],
    service: ['alert.send', 'freeze.check'],
  })
})

test('a service reads nothing but who it is, whether something is frozen, and counts', () => {
  expect(allowed('service')).toEqual(['alert.send', 'freeze.check', 'self.read', 'metrics.read'])
})

test('everybody else reads everything', () => {
  const reads = (Object.keys(rights) as Right[]).filter(
    (right) => right.endsWith('.read') && rights[right] !== 'anyone',
  )
  for (const role of roles)
    if (role !== 'service') expect(allowed(role).filter((right) => right.endsWith('.read'))).toEqual(reads)
})

test('somebody without a role may nothing but read that, and reads why and who may', () => {
  expect(
    (Object.keys(rights) as Right[]).filter((right) => rights[right] !== 'anyone' && mayBy(right, actor()).ok),
  ).toEqual(['self.read'])
  expect(mayBy('plan.approve', actor())).toEqual({
    ok: false,
    code: 'not-your-role',
    reason: 'plan.approve is for sre, ml, security; you have no role.',
    who: ['sre', 'ml', 'security'],
  })
})

test('a key with scopes may what its person may and its scopes name, and not one thing more', () => {
  const key = { id: 'key_1', scopes: ['plan.read', 'freeze.declare'], expires_at: null }
  const by = { ...actor('sre'), key }
  expect(mayBy('plan.read', by)).toEqual({ ok: true })
  expect(mayBy('plan.approve', by)).toMatchObject({ ok: false, code: 'not-your-role' })
  expect(mayBy('freeze.declare', by)).toMatchObject({ ok: false, code: 'not-your-role', who: ['security'] })
  expect(mayBy('plan.approve', { ...by, key: { ...key, scopes: null } })).toEqual({ ok: true })
})

test('the role is asked before the thing, and the thing before a yes', () => {
  const no = { code: 'superseded' as const, reason: 'It is over.' }
  expect(mayNow('incident.resolve', actor('auditor'), no).code).toBe('not-your-role')
  expect(mayNow('incident.resolve', actor('sre'), no)).toEqual({ ok: false, ...no })
  expect(mayNow('incident.resolve', actor('sre'), false)).toEqual({ ok: true })
})

test('the README shows this table, and no other', () => {
  const cell = (right: Right, role: Role) => {
    const holders: readonly Role[] | string = rights[right]
    return typeof holders === 'string' || holders.includes(role) ? 'yes' : '·'
  }
  const lines = (Object.keys(rights) as Right[]).map(
    (right) => `| \`${right}\` | ${roles.map((role) => cell(right, role)).join(' | ')} |`,
  )
  const table = [`| | ${roles.join(' | ')} |`, `|---|${'---|'.repeat(roles.length)}`, ...lines].join('\n')
  const shown = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  // How wide a formatter makes the columns says nothing.
  const squeeze = (text: string) => text.replaceAll(/ +/g, '').replaceAll(/-+/g, '-')
  expect(squeeze(shown)).toContain(squeeze(table))
})
