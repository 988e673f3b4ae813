import type { Shape } from '@firebreak/client'
import { expect, test } from 'vitest'
import { Desk, json } from '../testing/desk.js'
import { DIGEST } from '../testing/plans.js'

const who = (id: string, name: string) => ({ id, name })

const lift: Shape<'Lift'> = {
  id: 'lft_1',
  state: 'asked',
  asked_by: who('theo', 'Theo'),
  asked_at: '2026-11-23T03:00:00.000Z',
  reason: 'the leak is closed',
  expires_at: '2026-11-23T04:00:00.000Z',
  epoch: 7,
  reversal: [],
  digest: DIGEST,
  votes: [],
}

const freeze = (change: Partial<Shape<'Freeze'>> = {}): Shape<'Freeze'> => ({
  id: 'frz_1',
  scopes: ['deployment:prod/api'],
  reason: 'a leak',
  by: who('theo', 'Theo'),
  at: '2026-11-23T02:00:00.000Z',
  review_by: null,
  incident: null,
  state: 'lift-asked',
  lift,
  may: { lift: { ok: true }, approve: { ok: true } },
  ...change,
})

/** Shows a freeze, and takes what is said about lifting it. `then`: what it is when it is looked at again. */
function desk(now: Partial<Shape<'Freeze'>> = {}, then = now) {
  let looks = 0
  return new Desk(({ method }) => json(freeze(method === 'POST' || looks++ === 0 ? now : then)))
}
const sent = async ({ asked }: Desk) =>
  Promise.all(
    asked
      .filter(({ method }) => method === 'POST')
      .map(async (request) => [new URL(request.url).pathname, await request.clone().json()]),
  )

test('a lift is shown, armed and confirmed, and the digest that was shown is sent', async () => {
  const at = desk()
  at.typed = ['arm', 'yes']
  expect(await at.run('freezes', 'approve-lift', 'frz_1', '--note', 'seen')).toBe(0)
  for (const part of ['deployment:prod/api', 'a leak', 'the leak is closed', DIGEST]) expect(at.stdout).toContain(part)
  expect(await sent(at)).toEqual([
    ['/v1/freezes/frz_1/lift/approvals', { digest: DIGEST, decision: 'yes', note: 'seen' }],
  ])
})

test.each([
  ['was not confirmed', desk(), ['arm', 'no'], 1, 'nothing was sent'],
  ['changed while it was armed', desk({}, { lift: { ...lift, state: 'expired' } }), ['arm', 'yes'], 3, 'stale'],
  ['nobody asked for', desk({ state: 'enforced', lift: null }), ['arm', 'yes'], 3, 'nobody has asked'],
  [
    'is one’s own',
    desk({ may: { lift: { ok: true }, approve: { ok: false, code: 'own-plan', reason: 'You asked for it.' } } }),
    ['arm', 'yes'],
    3,
    'You asked for it.',
  ],
  ['nobody is there to confirm', desk(), undefined, 2, 'this is no terminal'],
] as const)('no yes is sent to a lift that %s', async (_, at, typed, exit, says) => {
  at.typed = typed && [...typed]
  expect(await at.run('freezes', 'approve-lift', 'frz_1')).toBe(exit)
  expect(at.stderr).toContain(says)
  expect(await sent(at)).toEqual([])
})

test('asking and refusing say what they are about', async () => {
  const at = desk()
  const until = '2026-11-23T03:30:00Z'
  expect(await at.run('freezes', 'lift', 'frz_1', '--reason', 'closed', '--expires-at', until)).toBe(0)
  expect(at.stdout).toContain('frz_1 holds until two others have approved this by 2026-11-23 04:00:00Z')
  expect(await at.run('freezes', 'refuse-lift', 'frz_1', '--note', 'not yet')).toBe(0)
  expect(at.stderr).toContain('lift frz_1 from deployment:prod/api: the leak is closed')
  expect(await sent(at)).toEqual([
    ['/v1/freezes/frz_1/lift', { reason: 'closed', expires_at: until }],
    ['/v1/freezes/frz_1/lift/approvals', { digest: DIGEST, decision: 'no', note: 'not yet' }],
  ])
})

test('a freeze is shown with what was said about lifting it', async () => {
  const at = desk({
    lift: { ...lift, votes: [{ by: who('ines', 'Inês'), decision: 'yes', note: 'seen', at: lift.asked_at }] },
  })
  expect(await at.run('freezes', 'show', 'frz_1')).toBe(0)
  expect(at.stdout).toMatch(/yes +Inês, 2026-11-23 03:00:00Z seen/)
})
