import { beforeEach, describe, expect, test } from 'vitest'
import { CHANNELS, type OpenIncident, type Outcome } from '../../bridge/surface.js'
import { SignInFailed, SignInOver } from '../account/account.js'
import { FakeWire } from '../desktop/fake.js'
import { answerThePage } from './handlers.js'
import type { Sender } from './register.js'

const page: Sender = { url: 'app://console/incidents', isMainFrame: true }
const info = { version: '1', platform: 'linux', api: 'a', signsIn: true, keeps: { signedIn: true, because: null } }

let wire: FakeWire
let heard: OpenIncident[][]
let signIn: () => Promise<void>
let logged: string[]
beforeEach(() => {
  wire = new FakeWire()
  heard = []
  logged = []
  signIn = async () => {}
  answerThePage(
    wire,
    {
      info: () => info,
      signIn: () => signIn(),
      incidents: (open) => void heard.push(open),
      listen: () => ({ kind: 'incident', id: 'inc_1' }),
    },
    (line) => void logged.push(line),
  )
})
const invoke = (channel: string, args: unknown[] = [], sender = page) =>
  wire.invoke(channel, args, sender) as Promise<Outcome<unknown>>
const good: OpenIncident = { id: 'inc_1', severity: 'SEV1', title: 'slow', acknowledged: false }

test('SEC-22: the channels are these, and no others', () => {
  expect(wire.channels.sort()).toEqual([
    'firebreak:incidents',
    'firebreak:info',
    'firebreak:listen',
    'firebreak:sign-in',
  ])
})

describe('SEC-21: who is heard', () => {
  test.each([
    ['another site', { url: 'https://evil.example/', isMainFrame: true }],
    ['another host of our scheme', { url: 'app://evil/', isMainFrame: true }],
    ['a name before the host', { url: 'app://console@evil/', isMainFrame: true }],
    ['a file', { url: 'file:///app/index.html', isMainFrame: true }],
    ['a page without an address', { url: 'about:blank', isMainFrame: true }],
    ['a data: page', { url: 'data:text/html,x', isMainFrame: true }],
    ['a blob of ours', { url: 'blob:app://console/x', isMainFrame: true }],
    ['a frame in our page', { url: 'app://console/', isMainFrame: false }],
    ['a frame that is gone', { url: undefined, isMainFrame: true }],
  ])('not %s', async (_, sender) => {
    for (const channel of wire.channels)
      expect(await invoke(channel, channel === CHANNELS.incidents ? [[good]] : [], sender)).toMatchObject({ ok: false, error: { code: 'not-ours' } }) // prettier-ignore
    expect(heard).toEqual([])
  })

  test('our page', async () => {
    expect(await invoke(CHANNELS.info)).toEqual({ ok: true, value: info })
    expect(await invoke(CHANNELS.listen)).toEqual({ ok: true, value: { kind: 'incident', id: 'inc_1' } })
    expect(await invoke(CHANNELS.incidents, [[good]])).toEqual({ ok: true, value: null })
    expect(heard).toEqual([[good]])
  })
})

describe('SEC-21: what is heard', () => {
  const cycle: unknown[] = []
  cycle.push(cycle)
  test.each<[string, unknown[]]>([
    ['nothing', []],
    ['no list', [good]],
    ['two things', [[good], 1]],
    ['a field more', [[{ ...good, path: '/etc/passwd' }]]],
    ['a field less', [[{ ...good, title: undefined }]]],
    ['another severity', [[{ ...good, severity: 'SEV0' }]]],
    ['an id that is a path', [[{ ...good, id: '../x' }]]],
    ['a title as long as a book', [[{ ...good, title: 'x'.repeat(1001) }]]],
    ['more than anybody has', [Array(201).fill(good)]],
    ['more than 64 KiB', [Array(100).fill({ ...good, title: 'x'.repeat(900) })]],
    ['what is no plain data', [cycle]],
    ['a number that JSON has not', [[1n]]],
    ['null', [null]],
  ])('not %s', async (_, args) => {
    expect(await invoke(CHANNELS.incidents, args)).toMatchObject({ ok: false, error: { code: 'malformed' } })
    expect(heard).toEqual([])
  })

  test.each([CHANNELS.info, CHANNELS.signIn, CHANNELS.listen])('%s takes nothing', async (channel) => {
    for (const args of [[1], [{}], [null], [undefined, undefined]])
      expect(await invoke(channel, args)).toMatchObject({ ok: false, error: { code: 'malformed' } })
  })
})

describe('what went wrong is said in words', () => {
  test.each<[Error, string, string]>([
    [new SignInFailed('The identity provider did not sign you in (access_denied).'), 'failed', 'access_denied'],
    [new SignInOver('The sign-in was cancelled.'), 'cancelled', 'was cancelled'],
    [new Error('secret at /home/me/x.ts:3'), 'failed', 'its log says why'],
  ])('%s', async (error, code, says) => {
    signIn = async () => Promise.reject(error)
    const answer = await invoke(CHANNELS.signIn)
    expect(answer).toMatchObject({ ok: false, error: { code, message: expect.stringContaining(says) as string } })
    expect(JSON.stringify(answer)).not.toMatch(/secret at|stack/)
    const inWords = error instanceof SignInFailed || error instanceof SignInOver
    expect(logged).toEqual(inWords ? [] : [`${CHANNELS.signIn} failed: ${error.message}`])
  })
})
