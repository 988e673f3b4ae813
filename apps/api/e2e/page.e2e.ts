import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Stage } from './stage.js'

let stage: Stage
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firebreak-page-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'assets/app-1a2b.js'), 'export {}')
  await writeFile(join(folder, 'secret.txt'), 'not an asset')
  await writeFile(
    join(folder, 'index.html'),
    '<!doctype html><meta name="n" content="__NONCE__"><meta property="csp-nonce" nonce="__NONCE__"><div id="root"></div>',
  )
  stage = await Stage.set({ config: { console: folder } })
})
afterAll(async () => {
  await stage.strike()
  await rm(folder, { recursive: true, force: true })
})

test.each(['/', '/incidents', '/incidents/inc_1?tab=plan', '/deeply/nested/path'])(
  '%s is the page, under its policy, with a fresh nonce',
  async (path) => {
    const first = await stage.nobody.get(path).expect(200)
    const second = await stage.nobody.get(path).expect(200)
    expect(first.headers['content-type']).toBe('text/html; charset=utf-8')
    const [nonce] = /(?<=<meta name="n" content=")[^"]+/.exec(first.text)!
    expect(first.text).toContain(`<meta property="csp-nonce" nonce="${nonce}">`)
    expect(first.headers['content-security-policy']).toBe(
      `default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'nonce-${nonce}'; connect-src 'self'; img-src 'self' data:; font-src 'self'; ` +
        `base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types firebreak-checker`,
    )
    expect(second.text).not.toContain(nonce)
    expect(first.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'permissions-policy': expect.stringContaining('camera=()') as string,
    })
  },
)

test('assets are kept for good, are what their type says, and as a worker may open no connection', async () => {
  const { headers } = await stage.nobody.get('/assets/app-1a2b.js').expect(200)
  expect(headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-type': expect.stringContaining('javascript') as string,
    // No `sandbox`: a browser would start no worker from it.
    'content-security-policy': `default-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'`,
    'x-content-type-options': 'nosniff',
  })
})

test.each([
  '/assets/gone.js',
  '/secret.txt',
  '/assets/../secret.txt',
  '/assets/%2e%2e/secret.txt',
  '/assets/..%2fsecret.txt',
  '/assets/%2e%2e%2fsecret.txt',
  '/assets/..%5csecret.txt',
  '/assets/%00',
  '//evil.example/x.js',
  '/v1/nothing',
  '/v2/enqueue',
])('%s is nothing', async (path) => {
  // By hand: a client would tidy the path up before it sends it.
  const { request } = await import('node:http')
  const { status, body } = await new Promise<{ status: number; body: string }>((resolve, reject) => {
    const { hostname, port } = new URL(stage.url)
    request({ hostname, port, path }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
    })
      .on('error', reject)
      .end()
  })
  expect([400, 403, 404]).toContain(status)
  expect(body).not.toContain('not an asset')
  expect(JSON.parse(body)).toMatchObject({ status })
})
