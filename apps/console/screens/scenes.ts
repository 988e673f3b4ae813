import type { Page } from 'playwright-core'
import { confirm, settled } from '../e2e/console.js'
import type { MockApi } from '../mock-api/mock.js'
import { highLatency } from '../mock-api/world.js'
import { fill } from '../mock-api/fill.js'
import { nav } from '../src/renderer/nav.js'
import { deciding } from './deciding.js'
import { rooms } from './rooms.js'

/** One screen to be looked at: what there is of data, who looks, where, and what they did there. */
export interface Scene {
  name: string
  as?: string
  path: string
  /** Prepares the night before the page is opened. */
  night?(api: MockApi): void
  /** What is done on the page; it ends when what is to be seen is there. */
  act?(page: Page, api: MockApi): Promise<void>
}

const long =
  'The nightly reconciliation of ledgers-and-settlements-eu-central-1-production-blue has not finished within its window of 45 minutes for the third time this week, and whatever reads its totals reads those of the day before'

/** A night with much in it: `count` incidents of every kind. */
export function busy(api: MockApi, count = 180): void {
  const kinds = [
    { title: 'p95 of checkout is 3.1 s, above its threshold of 800 ms', severity: 'SEV2', service: 'checkout' },
    { title: 'Queue mail has 14,022 failed jobs of three kinds', severity: 'SEV2', service: 'mailer', class: 'batch-failures' }, // prettier-ignore
    { title: 'Share of wrong answers of fraud-v7 rose to 4.2 %', severity: 'SEV3', service: 'fraud', class: 'model-error-rate' }, // prettier-ignore
    { title: 'Bucket statements refuses writes: credentials expire in 3 h', severity: 'SEV3', service: 'statements', class: 'storage-errors' }, // prettier-ignore
    { title: 'OCR confidence of delivery notes fell to 0.71', severity: 'SEV4', service: 'ocr', class: 'ocr-failures' },
  ] as const
  // The oldest first, as they come.
  for (let at = count - 1; at >= 0; at--) api.arrive(kinds[at % kinds.length]!, 3 + at * 7)
}

const newest = (api: MockApi) => `/incidents/${[...api.world.incidents.keys()].at(-1)!}`

/** Until its charts are drawn. */
async function evidence(page: Page): Promise<void> {
  await page.locator('figure canvas').first().waitFor()
  await page.keyboard.press('v')
}

/** Figures of an hour in which little was measured, of things with long names. */
async function few(page: Page): Promise<void> {
  const now = Math.floor(Date.now() / 15_000) * 15
  const figure = (title: string, points: readonly (readonly [number, number | null])[], more: object = {}) => ({
    ...{ target: 'service:ledgers-and-settlements-eu-central-1-production-blue', name: title, title, unit: '%' },
    ...{ threshold: 4, at: new Date(now * 1_000).toISOString(), age_ms: 1_000, step_s: 15, points, unavailable: null },
    ...more,
  })
  const hour = (value: (at: number) => number | null) =>
    Array.from({ length: 240 }, (_, at) => [now - (239 - at) * 15, value(at)] as const)
  const items = [
    figure('Share of answers that differ from those of the model before it', [[now, 4.2]]),
    figure('Nothing yet', [], { at: null, age_ms: null }),
    figure('Never reachable', [], { at: null, age_ms: null, unavailable: 'connect ECONNREFUSED 10.0.4.17:9090' }),
    figure(
      'Alone between gaps',
      hour((at) => (at % 40 === 0 ? 3 + at / 100 : null)),
    ),
    figure(
      'With gaps',
      hour((at) => (at % 60 > 40 ? null : 2 + 2.5 * Math.sin(at / 20))),
    ),
    figure(
      'Always nothing',
      hour(() => 0),
      { unit: 'jobs', threshold: null },
    ),
    figure(
      'Large',
      hour((at) => 1_400_000 + at * 9_000),
      { unit: 'bytes', threshold: 3_000_000 },
    ),
    figure(
      'Small',
      hour((at) => 0.004 + at / 1e5),
      { unit: '', threshold: null },
    ),
  ]
  await page.route('**/v1/incidents/*/figures', (route) => route.fulfill({ json: { items } }))
}

export const scenes: readonly Scene[] = [
  { name: 'sign-in', path: '/' },
  {
    name: 'inbox',
    as: 'Hannah Okafor',
    path: '/incidents',
    act: (page) => page.getByRole('link', { name: /p95 of api/ }).waitFor(),
  },
  {
    name: 'inbox-much',
    as: 'Hannah Okafor',
    path: '/incidents',
    night: busy,
    act: (page) =>
      page
        .getByRole('link', { name: /p95 of checkout/ })
        .first()
        .waitFor(),
  },
  {
    name: 'inbox-nothing',
    as: 'Hannah Okafor',
    path: '/incidents?state=closed',
    act: (page) => page.getByText('No incident is closed.').waitFor(),
  },
  {
    name: 'inbox-filtered',
    as: 'Hannah Okafor',
    path: '/incidents?severity=SEV1,SEV2&service=checkout&owner=me',
    night: busy,
    act: (page) => page.getByText('No incident passes this filter.').waitFor(),
  },
  {
    name: 'inbox-all-there-are',
    as: 'Hannah Okafor',
    path: '/incidents',
    night: (api) => void fill(api, 100_000),
    act: async (page, api) => {
      await page.locator('tr[data-index="0"]').waitFor()
      await page.evaluate(() => window.scrollTo(0, 20_000))
      await page.locator('tr[data-index="470"]').waitFor()
      api.arrive({ title: long, severity: 'SEV1', service: 'ledgers' })
      await page.getByRole('button', { name: '1 new: press n to show' }).waitFor()
      for (const key of ['j', 'x', 'j', 'j', 'x']) await page.keyboard.press(key)
    },
  },
  {
    name: 'inbox-none',
    as: 'Hannah Okafor',
    path: '/incidents',
    night: (api) => api.world.incidents.clear(),
    act: (page) => page.getByText('No incident yet.').waitFor(),
  },
  {
    name: 'inbox-long',
    as: 'Hannah Okafor',
    path: '/incidents',
    night: (api) =>
      void api.arrive({
        title: long,
        severity: 'SEV1',
        service: 'ledgers-and-settlements-eu-central-1-production-blue',
      }),
    act: (page) => page.getByText(/nightly reconciliation/).waitFor(),
  },
  {
    name: 'inbox-failed',
    as: 'Hannah Okafor',
    path: '/incidents',
    night: (api) => void api.failing.add('/v1/incidents'),
    act: (page) => page.getByText('Could not load the incidents').waitFor({ timeout: 20_000 }),
  },
  {
    name: 'room',
    as: 'Hannah Okafor',
    path: '/incidents',
    act: async (page) => {
      await page.getByRole('link', { name: /p95 of api/ }).click()
      await page.getByRole('button', { name: /Approve and run/ }).waitFor()
    },
  },
  {
    name: 'room-armed',
    as: 'Hannah Okafor',
    path: '/incidents',
    act: async (page) => {
      await page.getByRole('link', { name: /p95 of api/ }).click()
      await page.getByRole('button', { name: /Approve and run/ }).waitFor()
      await page.keyboard.press('Control+Enter')
      await page.getByRole('button', { name: /^Confirm/ }).waitFor()
    },
  },
  {
    name: 'room-governed',
    as: 'Hannah Okafor',
    path: '/incidents',
    night: (api) => {
      api.governed = true
      api.arrive({ ...highLatency, severity: 'SEV1' })
    },
    act: async (page) => {
      await page
        .getByRole('link', { name: /p95 of api/ })
        .first()
        .click()
      await page.getByText('It is scaled by the autoscaler').waitFor()
    },
  },
  {
    name: 'room-repaired',
    as: 'Hannah Okafor',
    path: '/incidents',
    act: async (page) => {
      await page.getByRole('link', { name: /p95 of api/ }).click()
      await page.getByRole('button', { name: /Approve and run/ }).click()
      await confirm(page)
      await page.getByText('p95 of api is 171 ms').first().waitFor()
    },
  },
  {
    name: 'room-evidence',
    as: 'Hannah Okafor',
    path: '/incidents',
    act: async (page) => {
      await page.getByRole('link', { name: /p95 of api/ }).click()
      await evidence(page)
    },
  },
  {
    name: 'room-evidence-gone',
    as: 'Hannah Okafor',
    path: '/incidents',
    act: async (page) => {
      await page.getByRole('link', { name: /OCR confidence/ }).click()
      await evidence(page)
    },
  },
  {
    name: 'room-evidence-kept',
    as: 'Audrey Whitfield',
    path: '/incidents',
    act: async (page) => {
      await page.getByRole('link', { name: /Outbound traffic/ }).click()
      await page
        .getByText(/in the log/)
        .first()
        .waitFor()
      await page.keyboard.press('v')
    },
  },
  {
    name: 'room-evidence-table',
    as: 'Hannah Okafor',
    path: '/incidents',
    act: async (page) => {
      await page.getByRole('link', { name: /p95 of api/ }).click()
      await evidence(page)
      await page.getByRole('button', { name: /p95 latency of api/ }).click()
    },
  },
  {
    name: 'room-evidence-cursor',
    as: 'Hannah Okafor',
    path: '/incidents',
    act: async (page) => {
      await page.getByRole('link', { name: /p95 of api/ }).click()
      await evidence(page)
      await page.locator('figure').first().hover()
    },
  },
  {
    name: 'room-evidence-contrast',
    as: 'Hannah Okafor',
    path: '/incidents',
    act: async (page) => {
      await page.emulateMedia({ contrast: 'more' })
      await page.getByRole('link', { name: /p95 of api/ }).click()
      await evidence(page)
    },
  },
  {
    name: 'room-evidence-forced',
    as: 'Hannah Okafor',
    path: '/incidents',
    act: async (page) => {
      await page.emulateMedia({ forcedColors: 'active' })
      await page.getByRole('link', { name: /p95 of api/ }).click()
      await evidence(page)
    },
  },
  {
    name: 'room-evidence-few',
    as: 'Hannah Okafor',
    path: '/incidents',
    act: async (page) => {
      await few(page)
      await page.getByRole('link', { name: /p95 of api/ }).click()
      await page.getByRole('figure').first().waitFor()
      await page.keyboard.press('v')
    },
  },
  {
    name: 'room-long',
    as: 'Audrey Whitfield',
    path: '/incidents',
    night: (api) =>
      void api.arrive({
        ...{ title: long, severity: 'SEV1', service: 'ledgers', class: 'high-api-latency' },
        labels: { alertname: 'ReconciliationLateByMoreThanItsWindow', job: 'a'.repeat(180), zone: 'eu-central-1' },
        annotations: { summary: `${long}. ${long}.` },
      }),
    act: async (page, api) => {
      await page.goto(newest(api))
      await page.getByRole('heading', { name: /nightly reconciliation/ }).waitFor()
    },
  },
  {
    name: 'queue-hour',
    as: 'Hannah Okafor',
    path: '/queues/batch',
    act: async (page) => {
      await page.locator('figure canvas').last().waitFor()
      await page.locator('figure').last().scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'workload-hour',
    as: 'Hannah Okafor',
    path: '/workloads?open=prod%2Fapi',
    act: async (page) => {
      await page.locator('figure canvas').last().waitFor()
      await page.locator('tbody svg').first().waitFor()
    },
  },
  {
    name: 'palette',
    as: 'Hannah Okafor',
    path: '/incidents',
    act: async (page) => {
      await page.getByRole('link', { name: /p95 of api/ }).waitFor()
      await page.keyboard.press('Control+k')
      await page.getByRole('dialog').getByRole('option').first().waitFor()
    },
  },
  {
    name: 'keys',
    as: 'Hannah Okafor',
    path: '/incidents',
    act: async (page) => {
      await page.getByRole('link', { name: /p95 of api/ }).waitFor()
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'settings',
    as: 'Hannah Okafor',
    path: '/incidents',
    act: async (page) => {
      await page.getByRole('button', { name: /Hannah Okafor/ }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'production',
    as: 'Hannah Okafor',
    path: '/incidents',
    night: (api) => busy(api, 12),
    act: async (page, api) => {
      // Whoever is signed in stays so: the mock has no identity provider to sign in by.
      Object.assign(api.options, { mode: 'production' })
      await page.reload()
      await page.getByText('PRODUCTION', { exact: true }).waitFor()
      await page.getByRole('link', { name: /p95 of api/ }).waitFor()
    },
  },
  {
    name: 'contrast',
    as: 'Hannah Okafor',
    path: '/incidents',
    act: async (page) => {
      await page.emulateMedia({ contrast: 'more' })
      await page.getByRole('link', { name: /p95 of api/ }).click()
      await page.getByRole('button', { name: /Approve and run/ }).waitFor()
    },
  },
  {
    name: 'activity',
    as: 'Hannah Okafor',
    path: '/incidents',
    act: async (page, api) => {
      await page.getByRole('link', { name: /p95 of api/ }).waitFor()
      api.helps = false
      await page.getByRole('link', { name: /p95 of api/ }).click()
      await page.getByRole('button', { name: /Approve and run/ }).click()
      await confirm(page)
      await page.getByRole('button', { name: /1 failed/ }).click()
      await page.getByRole('complementary', { name: 'Activity' }).waitFor()
    },
  },
  {
    name: 'signed-out',
    as: 'Hannah Okafor',
    path: '/incidents',
    act: async (page, api) => {
      await page.getByRole('link', { name: /p95 of api/ }).click()
      await page.getByRole('button', { name: /Approve and run/ }).waitFor()
      await page.context().clearCookies()
      api.resync()
      await page.getByRole('dialog', { name: 'You are signed out' }).waitFor()
    },
  },
  {
    name: 'no-answer',
    as: 'Hannah Okafor',
    path: '/incidents',
    act: async (page, api) => {
      await page.getByRole('link', { name: /p95 of api/ }).click()
      await page.getByRole('button', { name: /Approve and run/ }).waitFor()
      await page.route('**/v1/**', (route) => route.abort())
      api.resync()
      await page.getByText('The API has not answered since').waitFor()
    },
  },
  ...deciding,
  ...rooms,
  // Every page that is one press away, and what the first line of its list leads to.
  ...nav.flatMap(({ name, to }): Scene[] => [
    { name: `page-${name.toLowerCase()}`, as: 'Hannah Okafor', path: to, act: settled },
    {
      name: `first-${name.toLowerCase()}`,
      as: 'Hannah Okafor',
      path: to,
      act: async (page) => {
        await settled(page)
        const first = page.locator('main tbody tr a').first()
        if ((await first.count()) > 0) await first.click()
        await settled(page)
      },
    },
  ]),
]
