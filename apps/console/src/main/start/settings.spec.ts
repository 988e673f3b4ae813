import { expect, test } from 'vitest'
import { policyFileOf, readSettings } from './settings.js'

const read = (policy: unknown, packaged = true) =>
  readSettings(typeof policy === 'string' ? policy : JSON.stringify(policy), 'console.json', {
    packaged,
    url: undefined,
  })

test('the whole of a policy file', () => {
  const oidc = {
    issuer: 'https://id.example/realm',
    clientId: 'firebreak-desktop',
    audience: 'https://firebreak.example/api',
  }
  expect(read({ api: 'https://firebreak.example/', oidc, links: ['grafana.example', '*.wiki.example'] })).toEqual({
    api: 'https://firebreak.example',
    oidc: { ...oidc, scope: 'openid profile offline_access' },
    links: ['grafana.example', '*.wiki.example'],
    allowSwitches: [],
  })
})

test.each([
  ['{', 'is no JSON'],
  [{}, 'api'],
  [{ api: 'http://firebreak.example' }, 'must be an https: address'],
  [{ api: 'ftp://127.0.0.1' }, 'must be an https: address'],
  [{ api: 'https://me:secret@firebreak.example' }, 'no name and no password'],
  [
    { api: 'https://a.example', oidc: { issuer: 'http://id.example', clientId: 'x', audience: 'y' } },
    'oidc.issuer must be',
  ],
  [{ api: 'https://a.example', oidc: { issuer: 'https://id.example' } }, 'oidc.clientId'],
  [
    { api: 'https://a.example', oidc: { issuer: 'https://i.e', clientId: 'x', audience: 'y', clientSecret: 'z' } },
    'clientSecret',
  ],
  [{ api: 'https://a.example', links: ['*'] }, 'links.0'],
  [{ api: 'https://a.example', links: ['https://x.example'] }, 'links.0'],
  [{ api: 'https://a.example', lincs: [] }, 'lincs'],
])('%j stops the start, and says where', (policy, says) => {
  expect(() => read(policy)).toThrow(says)
  expect(() => read(policy)).not.toThrow('secret@')
})

test('a package has a policy file; without one a developer’s shell takes the Firebreak of this machine', () => {
  const without = (packaged: boolean, url?: string) =>
    readSettings(undefined, '/etc/firebreak/console.json', { packaged, url })
  expect(() => without(true, 'https://evil.example')).toThrow('There is no /etc/firebreak/console.json')
  expect(without(false).api).toBe('http://127.0.0.1:4600')
  expect(without(false, 'http://localhost:4711').api).toBe('http://localhost:4711')
  expect(() => without(false, 'http://somewhere.example')).toThrow('https:')
})

test('it lies where its user does not write', () => {
  expect(policyFileOf('linux')).toBe('/etc/firebreak/console.json')
  expect(policyFileOf('darwin')).toBe('/Library/Application Support/Firebreak/console.json')
  expect(policyFileOf('win32')).toBe('C:\\ProgramData\\Firebreak\\console.json')
})
