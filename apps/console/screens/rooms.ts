import type { Page } from 'playwright-core'
import { settled } from '../e2e/console.js'
import type { MockApi } from '../mock-api/mock.js'
import { who } from '../mock-api/cast.js'
import { makePlan } from '../mock-api/planning.js'
import type { Scene } from './scenes.js'

const newest = (api: MockApi) => `/incidents/${[...api.world.incidents.keys()].at(-1)!}`

/** Somebody has it, and gave it to a colleague who has not said a word yet. */
function given(api: MockApi): void {
  const id = [...api.world.incidents.keys()].at(-1)!
  Object.assign(api.incidentRecord(id), { state: 'acknowledged', owner: who('sam'), lead: who('hannah') })
}

/** Many alerts, and everything that can become of plans. */
function much(api: MockApi): void {
  const id = [...api.world.incidents.keys()].at(-1)!
  const { alerts } = api.incidentRecord(id)
  for (let at = 0; at < 199; at++) {
    const labels = { ...alerts[0]!.labels, instance: `api-${at}` }
    const ends_at = at % 3 === 0 ? api.options.now().toISOString() : null
    alerts.push({ ...alerts[0]!, id: `alr_${at}`, fingerprint: String(at), labels, ends_at, state: ends_at ? 'resolved' : 'firing' }) // prettier-ignore
    api.log(id, 'alert.fired', `incident:${id}`, 'alertmanager', `HighApiLatency fired on api-${at} (alertmanager).`)
  }
  for (const recipe of ['requeue-failed-jobs', 'pin-model', 'restore-ocr', 'quarantine-input', 'pause-batch'])
    makePlan(api, { recipe, params: {}, incident: id, reason: 'look at everything', by: 'sam' })
}

/** A plan whose values are long paths, images and digests. */
export function longValues(api: MockApi): void {
  const digest = (of: string) => `sha256:${of.repeat(16)}`
  const image = 'registry.eu-central-1.internal/payments/ledgers-and-settlements-api'
  const [step] = [...api.world.plans.values()].findLast(({ incident }) => incident === [...api.world.incidents.keys()].at(-1))!.body!.steps // prettier-ignore
  const kept = { replicas: 2, 'metadata.labels.app.kubernetes.io/managed-by': 'team-payments-platform' }
  step!.before = { image: `${image}:2026.11.25-1@${digest('9c41')}`, ...kept }
  step!.after = { image: `${image}:2026.11.24-7@${digest('e2f0')}`, ...kept, pause: 'yes' }
}

/** The room of what came last, once it is there. */
const inside = async (page: Page, api: MockApi) => {
  await page.goto(newest(api))
  await settled(page)
}
const pressed = (key: string) => async (page: Page, api: MockApi) => {
  await inside(page, api)
  await page.keyboard.press(key)
  await page.getByRole('dialog').waitFor()
}

/** The room of what came last as the device has kept it, opened while nothing answers. */
async function kept(page: Page, api: MockApi): Promise<void> {
  const id = [...api.world.incidents.keys()].at(-1)!
  const link = page.locator(`a[href="/incidents/${id}"]`).first()
  await link.waitFor()
  const lies = (name: string) =>
    new Promise<boolean>((done) => {
      const asked = indexedDB.open('firebreak')
      asked.onsuccess = () => {
        const { result } = asked
        const keys = result.transaction('shelf').objectStore('shelf').getAllKeys()
        keys.onsuccess = () => (result.close(), done(keys.result.map(String).includes(name)))
      }
    })
  while (!(await page.evaluate(lies, `room/${id}`))) await page.waitForTimeout(500)
  await page.route('**/v1/**', (route) => route.abort())
  await link.click()
  await page.getByRole('region', { name: 'Evidence' }).getByText(/^As of/).waitFor() // prettier-ignore
  await page.locator('figure canvas').first().waitFor()
}

/** The incident room in every state. */
export const rooms: readonly Scene[] = [
  { name: 'room-given', as: 'Sam Lindqvist', path: '/incidents', night: given, act: inside },
  { name: 'room-much', as: 'Hannah Okafor', path: '/incidents', night: much, act: inside },
  { name: 'room-long-values', as: 'Hannah Okafor', path: '/incidents', night: longValues, act: inside },
  {
    name: 'room-everything',
    as: 'Hannah Okafor',
    path: '/incidents',
    act: async (page, api) => {
      await inside(page, api)
      await page.keyboard.press('t')
      await page.getByRole('region', { name: 'Timeline entries' }).locator('summary').first().click()
      await page.getByRole('region', { name: 'Timeline entries' }).scrollIntoViewIfNeeded()
      await page.keyboard.press('c')
      await page.keyboard.type('The cache of region b was cold: I warm it by hand, and look again at half past.')
    },
  },
  {
    name: 'room-none',
    as: 'Hannah Okafor',
    path: '/incidents',
    night: (api) =>
      void api.arrive({ title: 'Error rate of churn-v3 is 9 %', severity: 'SEV2', service: 'churn', class: 'model-error-rate' }), // prettier-ignore
    act: inside,
  },
  {
    name: 'room-suggested',
    as: 'Hannah Okafor',
    path: '/incidents',
    night: (api) => {
      const id = api.arrive({
        title: 'OCR of invoices is down',
        severity: 'SEV2',
        service: 'ocr',
        class: 'ocr-failures',
      })
      makePlan(api, { recipe: 'restore-ocr', params: {}, incident: id, reason: '', by: 'worker' })
    },
    act: inside,
  },
  {
    name: 'room-resolved',
    as: 'Hannah Okafor',
    path: '/incidents',
    night: (api) => api.resolve([...api.world.incidents.keys()].at(-1)!),
    act: inside,
  },
  { name: 'room-kept', as: 'Hannah Okafor', path: '/incidents', act: kept },
  { name: 'room-assign', as: 'Hannah Okafor', path: '/incidents', act: pressed('a') },
  { name: 'room-resolve', as: 'Hannah Okafor', path: '/incidents', act: pressed('r') },
]
