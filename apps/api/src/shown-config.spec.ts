import { loadHouse } from '@firebreak/house'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readConfig } from './config.js'
import { shownUrl } from '@firebreak/settings'
import { shownConfig } from './shown-config.js'

const ours = new URL('../../../firebreak.yaml', import.meta.url).pathname

test.each([
  ['postgres://fb_api:hunter2@db.example:5432/firebreak', 'postgres://fb_api:***@db.example:5432/firebreak'],
  ['postgres://fb_api@db.example/firebreak', 'postgres://fb_api@db.example/firebreak'],
  [
    'postgres://db.example/firebreak?user=fb_api&password=hunter2',
    'postgres://db.example/firebreak?user=fb_api&password=***',
  ],
  ['rediss://:hunter2@redis.example', 'rediss://:***@redis.example'],
  ['hunter2', '***'],
])('%s is shown as %s', (url, shown) => {
  expect(shownUrl(url)).toBe(shown)
})

test('everything that was understood is shown, and no secret', () => {
  const config = readConfig({
    ...{ DATABASE_URL: 'postgres://fb_api:hunter2@localhost/firebreak', REDIS_URL: 'redis://:hunter2@localhost' },
    ...{ FIREBREAK_URL: 'https://firebreak.example', FIREBREAK_OIDC_ISSUER: 'https://id.example' },
    ...{ FIREBREAK_OIDC_CLIENT_ID: 'firebreak', FIREBREAK_OIDC_CLIENT_SECRET: 'hunter2' },
  })
  const shown = JSON.parse(JSON.stringify(shownConfig(config, loadHouse(readFileSync(ours, 'utf8'), ours)))) as {
    api: Record<string, unknown>
    house: Record<string, unknown>
  }
  expect(JSON.stringify(shown)).not.toContain('hunter2')
  expect(Object.keys(shown.api).sort()).toEqual(Object.keys(config).sort())
  expect(shown.api).toMatchObject({
    port: 4600,
    mode: 'production',
    oidc: { clientId: 'firebreak', clientSecret: '***' },
  })
  expect(shown.house).toMatchObject({
    services: { api: { environment: 'prod' } },
    limits: { plan_expires_minutes: expect.any(Number) as number },
  })
})
