import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { masked, safe } from './secrets.js'

const { privateKey } = generateKeyPairSync('ed25519')
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
const base64url = (text: string) => Buffer.from(text).toString('base64url')
const JWT = `${base64url('{"alg":"RS256","kid":"k"}')}.${base64url('{"iss":"kubernetes/serviceaccount","sub":"system:serviceaccount:prod:hands"}')}.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg`
const COOKIE = 'Q5n0_6wq2tq9Tn0cH1W1o4m0U6yZbT7c3kB8fX2aLwE'
const API_KEY = `fbk_${COOKIE}`
const AWS_SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'

/** As they come: in messages of libraries, in headers, in configurations that an error quotes. `kept` is still told. */
const texts: readonly [what: string, text: string, secrets: string[], kept?: string][] = [
  ['a cookie', `Cookie: theme=dark; fb_session=${COOKIE}; a=b`, [COOKIE, 'dark']],
  ['a cookie that is set', `set-cookie: fb_session=${COOKIE}; Path=/; HttpOnly`, [COOKIE]],
  ['a session where only that stands', `the value fb_session=${COOKIE} is not known`, [COOKIE], 'is not known'],
  ['a bearer', `Authorization: Bearer ${API_KEY}`, [API_KEY, COOKIE], 'Authorization: Bearer'],
  ['a bearer that has no form', 'authorization: bearer aGVsbG8gd29ybGQ=', ['aGVsbG8gd29ybGQ']],
  ['a basic one', 'proxy-authorization: Basic aGFubmFoOnNlY3JldA==', ['aGFubmFoOnNlY3JldA']],
  ['our own key, alone', `who brought ${API_KEY}?`, [API_KEY, COOKIE]],
  ['a DSN', 'connect postgres://fb_api:Zx81%2Fkk@db.prod:5432/firebreak failed', ['Zx81'], 'fb_api:***@db.prod:5432/firebreak failed'], // prettier-ignore
  ['a DSN with an @ in the password', 'redis://:p@ss@word@10.0.0.1:6379/0', ['p@ss', 'word@']],
  ['a DSN of a Sentinel', 'redis://firebreak?sentinel=10.0.0.1:26379&sentinel_password=open-sesame&db=1', ['open-sesame'], 'db=1'], // prettier-ignore
  ['a token as the user of an address', `https://glpat-AbCdEf1234567890xyz@git.example/x.git`, ['glpat-AbCdEf']],
  ['a DSN by parts', 'host=db user=fb_api password=Zx81kk dbname=firebreak', ['Zx81kk'], 'dbname=firebreak'],
  ['a variable', 'PGPASSWORD=Zx81kk FIREBREAK_OIDC_CLIENT_SECRET="s3cr3t-of-ours" node main.js', ['Zx81kk', 's3cr3t-of-ours'], 'node main.js'], // prettier-ignore
  ['a token of a service account', `kubeconfig users[0].user: token: ${JWT}`, [JWT, JWT.split('.')[1]!]],
  ['the same without its name', `Unauthorized (${JWT})`, [JWT.split('.')[1]!], 'Unauthorized'],
  ['a key of a kubeconfig', 'client-key-data: LS0tLS1CRUdJTiBFQyBQUklWQVRF', ['LS0tLS1CRUdJTi']],
  ['keys of S3', `AKIAIOSFODNN7EXAMPLE and secretAccessKey: '${AWS_SECRET}'`, ['AKIAIOSFODNN7EXAMPLE', AWS_SECRET]],
  ['keys of S3 in a file', `aws_secret_access_key = ${AWS_SECRET}`, [AWS_SECRET]],
  ['an address that S3 signed', 'https://s3.example/b/k?X-Amz-Credential=AKIAX%2F2026&X-Amz-Signature=deadbeefcafe&X-Amz-Date=1', ['deadbeefcafe', 'AKIAX'], 'X-Amz-Date=1'], // prettier-ignore
  ['a signature of S3', 'Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830, Signature=5d672d79c15b', ['5d672d79c15b', 'AKIDEXAMPLE']], // prettier-ignore
  ['JSON', JSON.stringify({ user: 'hannah', password: 'hunter2', n: 1 }), ['hunter2'], '"user":"hannah"'],
  [
    'a password of words',
    JSON.stringify({ password: 'hunter2 sesame, "abracadabra" alohomora', n: 1 }),
    ['hunter2', 'sesame', 'abracadabra', 'alohomora'],
    '"n":1',
  ],
  ['a password of words, quoted otherwise', "secret: 'hunter2 sesame' n=1", ['hunter2', 'sesame'], 'n=1'],
  ['JSON in JSON', JSON.stringify(JSON.stringify({ api_key: 'k-123456', note: 'x' })), ['k-123456'], 'note'],
  ['a private key', `could not read ${PEM}`, [PEM.split('\n')[1]!], 'could not read'],
  ['a private key on one line', JSON.stringify(PEM), [PEM.split('\n')[1]!]],
  ['a key of the log', 'PRIVATE+KEY+firebreak.local/log+a1b2c3d4+AQID', ['AQID']],
]

describe('no secret stands in a text', () => {
  test.each(texts)('%s', (_, text, secrets, kept = '') => {
    for (const secret of secrets) expect(text).toContain(secret)
    for (const said of [masked(text), JSON.stringify(safe({ message: text })), JSON.stringify(safe(new Error(text)))])
      for (const secret of secrets) expect(said).not.toContain(secret)
    expect(masked(text)).toContain(kept)
  })

  test('nor where it would have been cut in two', () => {
    for (let at = 7_950; at < 8_010; at++) {
      const said = masked(`${'x '.repeat(at / 2)}postgres://fb_api:Zx81kkLongEnough@db/firebreak`)
      expect(said).not.toContain('Zx81')
    }
  })

  test('what is none stays', () => {
    const plain = [
      'GET /v1/plans/pln_0199c1d2 200',
      'nobody heard the bell of plan for pln_0199c1d2 (Redis did not answer within 500 ms)',
      'connect ECONNREFUSED 127.0.0.1:5432',
      'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      'listens at http://127.0.0.1:4600 (sandbox)',
      'Mail to hannah@example.com was not sent',
    ]
    for (const text of plain) expect(masked(text)).toBe(text)
  })

  test('and hostile ones take no time', () => {
    const began = performance.now()
    for (const piece of [
      'password',
      'eyJ',
      '://a:',
      'cookie: ',
      'Bearer ',
      'a@',
      '-----BEGIN PRIVATE KEY-----',
      'token="',
    ])
      masked(piece.repeat(100_000 / piece.length))
    expect(performance.now() - began).toBeLessThan(2_000)
  })
})

describe('a value', () => {
  test('has no secret by the name of a field, at any depth', () => {
    const value = {
      headers: { Authorization: 'x1-secret', cookie: ['x2-secret'], 'x-api-key': 'x3-secret', accept: 'text/plain' },
      users: [{ name: 'hands', user: { token: 'x4-secret', 'client-key-data': 'x5-secret' } }],
      s3: new Map([['secretAccessKey', 'x6-secret']]),
      nested: { password: { of: 'x7-secret' } },
      session_id: 42_424_242,
    }
    const said = JSON.stringify(safe(value))
    expect(said).not.toMatch(/x\d-secret|42424242/)
    expect(said).toContain('text/plain')
    expect(said).toContain('hands')
  })

  test('of an error is what it says and where, and nothing that a library hung on it', () => {
    const error = Object.assign(new TypeError('no', { cause: new Error('password=hunter2') }), {
      code: 'ECONNRESET',
      request: { headers: { authorization: 'x1-secret' } },
      config: 'x2-secret',
    })
    expect(safe(error)).toMatchObject({ type: 'TypeError', message: 'no', code: 'ECONNRESET', cause: { message: 'password=***' } }) // prettier-ignore
    expect(JSON.stringify(safe(error))).not.toMatch(/x\d-secret|hunter2/)
  })

  test('has an end, whatever it was', () => {
    const circle: Record<string, unknown> = { bytes: Buffer.from('hunter2'), many: Array(1_000).fill(0) }
    circle['self'] = circle
    circle['big'] = 1n
    circle['when'] = new Date(Number.NaN)
    const said = JSON.stringify(safe(circle))
    expect(said).not.toContain('hunter2')
    expect(said.length).toBeLessThan(20_000)
  })
})
