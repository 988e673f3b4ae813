import { beforeEach, describe, expect, test } from 'vitest'
import type { PageFiles } from './files.js'
import { pageHandler, SAFE_PAGE } from './handler.js'

const files: PageFiles = {
  html: '<!doctype html><meta name="n" content="__NONCE__"><meta nonce="__NONCE__"><script src="/assets/index-1a.js"></script>',
  assets: new Map([
    ['/assets/index-1a.js', { type: 'text/javascript; charset=utf-8', bytes: new TextEncoder().encode('1 + 1') }],
  ]),
}

let asked: string[]
let nonces: number
const handle = pageHandler({
  files,
  nonce: () => `bm9uY2U${nonces++}`,
  proxy: async (_request, path, search) => {
    asked.push(path + search)
    return new Response('from the API')
  },
  safePage: () => 'the page failed',
})
const get = (address: string, init?: RequestInit) => handle(new Request(address, init))

beforeEach(() => {
  asked = []
  nonces = 0
})

describe('SEC-10, SEC-12: the page', () => {
  test.each([
    '/',
    '/incidents',
    '/incidents/inc_01J',
    '/incidents?state=all',
    '/audit/check#x',
    '/runbook/high-api-latency',
  ])('%s is the page, under the policy that the web host sends, with a nonce of its own', async (path) => {
    const one = await get(`app://console${path}`)
    const two = await get(`app://console${path}`)
    expect(one.status).toBe(200)
    expect(one.headers.get('content-security-policy')).toContain("style-src 'self' 'nonce-bm9uY2U0'")
    expect(two.headers.get('content-security-policy')).toContain("style-src 'self' 'nonce-bm9uY2U1'")
    expect(one.headers.get('content-security-policy')).toContain("require-trusted-types-for 'script'")
    expect(one.headers.get('x-content-type-options')).toBe('nosniff')
    expect(one.headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(await one.text()).toBe(files.html.replaceAll('__NONCE__', 'bm9uY2U0'))
  })

  test('a script that was built, under the policy of scripts; HEAD without it', async () => {
    const script = await get('app://console/assets/index-1a.js')
    expect(await script.text()).toBe('1 + 1')
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(script.headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
    expect(await (await get('app://console/assets/index-1a.js', { method: 'HEAD' })).text()).toBe('')
  })

  test('what is under /v1 goes to the API, and nothing else does', async () => {
    await get('app://console/v1/incidents?state=active')
    await get('app://console/v1/targets/deployment%20prod%2Fapi')
    for (const path of ['/v1', '/v2/incidents', '/api/v1/me', '/V1/me']) await get(`app://console${path}`)
    expect(asked).toEqual(['/v1/incidents?state=active', '/v1/targets/deployment%20prod%2Fapi'])
  })

  test('the safe page has no script, and may have none', async () => {
    const safe = await get(`app://console${SAFE_PAGE}`)
    expect(await safe.text()).toBe('the page failed')
    expect(safe.headers.get('content-security-policy')).toMatch(/^default-src 'none'.*sandbox/)
  })
})

const hostile = [
  // Other hosts, other schemes, names and passwords.
  ...['app://evil/', 'app://console.evil/', 'app://evil.console/', 'app://CONSOLE/', 'app://console:80/', 'app:///'],
  ...['app://user@console/', 'app://user:pass@console/', 'app://console@evil/', 'app://%63onsole/', 'app:console/x'],
  ...['file:///etc/passwd', 'file://console/', 'http://console/', 'https://console/', 'https://evil.example/'],
  ...[
    'data:text/html,x',
    'javascript:alert(1)',
    'blob:app://console/x',
    'about:blank',
    'chrome://gpu',
    'ftp://console/',
  ],
  // Ways up and out.
  ...['/assets/../../package.json', '/assets/%2e%2e/%2e%2e/package.json', '/assets/..%2f..%2fpackage.json'],
  ...[
    '/assets/%2E%2E%2Fpackage.json',
    '/assets/.%2e/x.js',
    '/assets/%2e./x.js',
    '/assets/....//x.js',
    '/assets//index-1a.js',
  ],
  ...[
    '/assets/..%5c..%5cpackage.json',
    '/assets/..\\..\\package.json',
    '\\\\evil\\share',
    '/\\evil',
    '//evil/x',
    '///etc/passwd',
  ],
  ...[
    '/etc/passwd.txt',
    '/package.json',
    '/index.html',
    '/preload.cjs',
    '/main.js',
    '/.env',
    '/dist/index.html',
    '/node_modules/a.js',
  ],
  // Bytes that end a name, or start a line.
  ...[
    '/assets/index-1a.js%00',
    '/assets/index-1a.js%00.png',
    '/%00',
    '/incidents%0d%0aset-cookie:x',
    '/incidents%0a',
    '/%1b%5b',
    '/%7f',
  ],
  // Near misses of what there is.
  ...[
    '/assets/',
    '/assets',
    '/assets/index-1a.js/',
    '/assets/INDEX-1a.js',
    '/Assets/index-1a.js',
    '/assets/index-1a.js.map',
    '/assets/index-1a.jS',
  ],
  ...[
    '/assets/index-1a.js;x',
    '/assets/index-1a.js%20',
    '/assets/index%2d1a.js',
    '/assets%2findex-1a.js',
    '/assets/index-1a.js%3fx',
  ],
  ...['/v1/%2e%2e/x', '/v1/..%2fx', '/v1/a%5c..%5cb', '/v1\\..\\x', '/v1/%00', '/v1/a%0d%0ab', '/v1/x/%2e%2e%2f%2e%2e'],
].map((address) => (/^[a-z]+:/i.test(address) ? address : `app://console${address}`))

describe('SEC-11: nothing else is served', () => {
  test('sixty hostile addresses and more', () => expect(hostile.length).toBeGreaterThanOrEqual(60))

  test.each(hostile)('%s', async (address) => {
    // As Chromium hands it over, unread: Node's own Request would not even hold some of them.
    const response = await handle({ url: address, method: 'GET', headers: new Headers() } as Request)
    expect([404, 405]).toContain(response.status)
    expect(await response.text()).toBe('')
    expect(asked).toEqual([])
  })

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])(
    '%s of the page is no way to load it',
    async (method) => {
      for (const path of ['/', '/assets/index-1a.js']) {
        const response = await get(`app://console${path}`, { method })
        expect(response.status).toBe(405)
        expect(response.headers.get('allow')).toBe('GET, HEAD')
      }
    },
  )
})
