import { expect, test } from 'vitest'
import type { ConsolePage, OpenOptions } from './console.js'
import { onTheMock, schemes } from './fixtures.js'

const on = onTheMock({ patient: true })
const open = (path: string, options: OpenOptions = {}) => on.open({ path, as: 'Hannah Okafor', ...options })
/** The names of what lies on the device. Looks without making anything there. */
const kept = ({ page }: ConsolePage): Promise<string[]> =>
  page.evaluate(async () =>
    (await indexedDB.databases()).length === 0
      ? []
      : new Promise<string[]>((resolve, reject) => {
          const asked = indexedDB.open('firebreak')
          asked.onerror = () => reject(new Error('no database'))
          asked.onsuccess = () => {
            if (!asked.result.objectStoreNames.contains('shelf')) return resolve([])
            const keys = asked.result.transaction('shelf').objectStore('shelf').getAllKeys()
            keys.onsuccess = () => resolve(keys.result.map(String))
          }
        }),
  )
const pagesKept = async (one: ConsolePage) => (await kept(one)).filter((name) => name.startsWith('runbook'))
const everyPage = ['runbook', 'runbook/batch-failures', 'runbook/hostile', 'runbook/runbook', 'runbook/storage-errors']

test.each(schemes)('a page is read: tables, lists, commands, links, %s', async (scheme) => {
  const { page, axe } = await open('/runbook', { scheme })
  expect(await page.getByRole('row').nth(1).innerText()).toContain('whom to call, and how an incident goes')
  expect(await axe()).toEqual([])
  await page.getByRole('link', { name: 'Batch failures' }).click()
  await page.getByRole('heading', { level: 2, name: 'Diagnosis' }).waitFor()
  expect(await page.getByRole('cell', { name: 'requeue-failed-jobs' }).getByRole('link').getAttribute('href')).toBe(
    '/recipes/requeue-failed-jobs',
  )
  expect(await axe()).toEqual([])
  await page.getByRole('link', { name: 'contacts' }).click()
  await page.waitForURL('**/runbook/runbook#contacts')
  await page.getByRole('cell', { name: 'the pager rotation' }).waitFor()
})

test('SEC-62: commands are copied as they are shown, one at a time, and all of them when that is asked for', async () => {
  const { page } = await open('/runbook/batch-failures')
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  const copied = () => page.evaluate(() => navigator.clipboard.readText())
  await page
    .getByRole('button', { name: /^copy NS=prod$/ })
    .first()
    .click()
  await page.getByRole('button', { name: /^copied/ }).waitFor()
  expect(await copied()).toBe('NS=prod')
  await page.getByRole('button', { name: /^copy all 2 / }).click()
  await expect.poll(copied).toBe('NS=prod\nredis-cli -u "$TARGET_REDIS_URL" zcard bull:documents:failed')
})

test('what no page should hold is text: nothing runs, and no link leads away', async () => {
  const { page, axe } = await open('/runbook/hostile')
  await page.getByText("<script>document.title = 'taken'</script>").waitFor()
  const article = page.getByRole('article')
  expect(await article.locator('script, img, svg, iframe, a').count()).toBe(0)
  expect(await page.title()).not.toContain('taken')
  expect(await axe()).toEqual([])
})

test('the whole of it lies on the device soon after signing in, and is read when the API is down', async () => {
  const one = await open('/incidents')
  const { page, axe } = one
  await expect.poll(() => pagesKept(one), { timeout: 15_000 }).toEqual(everyPage)
  // Everything is down: the API, and whoever serves scripts.
  await page.context().setOffline(true)
  await page.keyboard.press('g')
  await page.keyboard.press('b')
  await page.getByRole('link', { name: 'Storage errors' }).click()
  await page.getByText('Objects cannot be read or written.').waitFor()
  await page.getByRole('link', { name: 'All pages' }).click()
  await page.getByRole('link', { name: 'Batch failures' }).click()
  await page.getByText(/^▲ The API does not answer\. This is as the device kept it/).waitFor({ timeout: 90_000 })
  expect(await axe()).toEqual([])
  await page.context().setOffline(false)
  await page.getByText(/^As the server had it/).waitFor({ timeout: 20_000 })
}, 150_000)

test('whoever comes while the API is down finds it, before anybody knows who they are', async () => {
  const one = await open('/incidents')
  const { page, axe } = one
  await expect.poll(() => pagesKept(one), { timeout: 15_000 }).toEqual(everyPage)
  await page.route('**/v1/**', (route) => route.abort())
  await page.reload()
  await page.getByText('The API cannot be reached').waitFor({ timeout: 20_000 })
  await page.getByRole('link', { name: 'Read the runbook, as this device has kept it' }).click()
  await page.getByRole('link', { name: 'Batch failures' }).click()
  await page.getByRole('heading', { level: 2, name: 'Mitigation' }).waitFor()
  expect(await axe()).toEqual([])
}, 180_000)

test('signing out leaves nothing of it for the next', async () => {
  const one = await open('/runbook')
  await expect.poll(() => pagesKept(one), { timeout: 15_000 }).toEqual(everyPage)
  await one.page.getByRole('button', { name: 'Sign out' }).click()
  await one.page.getByRole('button', { name: 'Mira Castellanos' }).waitFor()
  expect(await kept(one)).toEqual([])
})

test('a page that is not there is no old page', async () => {
  const { page } = await open('/runbook/nobody')
  await page.getByText('The runbook has no page nobody.').waitFor()
})
