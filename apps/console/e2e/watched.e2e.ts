import { describe, expect, test } from 'vitest'
import { watchedOf } from '../mock-api/targets.js'
import type { OpenOptions } from './console.js'
import { onTheMock, schemes } from './fixtures.js'

const on = onTheMock({ patient: true })
const open = (path: string, options: OpenOptions = {}) => on.open({ path, as: 'Hannah Okafor', ...options })

describe('workloads', () => {
  test.each(schemes)(
    'are shown as the worker last saw them, with what scales them and what quotas leave, %s',
    async (scheme) => {
      const { page, axe } = await open('/workloads', { scheme })
      await page.getByRole('row', { name: /prod\/checkout.*2 to 4, now 4 at its maximum.*max 6 → 4/ }).waitFor()
      await page.getByText('The worker looked 1 s ago.').waitFor()
      await page.getByText('pods 5 of 24 left').waitFor()
      expect(await axe()).toEqual([])
      await page.getByRole('link', { name: 'not all there' }).click()
      await expect.poll(() => page.getByRole('row').count()).toBe(3)
      await page.getByRole('link', { name: 'prod/model' }).click()
      await page.getByRole('heading', { name: 'prod/model' }).waitFor()
      await page.getByText('No service of the house runs on it').waitFor()
      expect(await axe()).toEqual([])
    },
  )

  test('show the last hour: a small drawing in the row, and what was measured beside it', async () => {
    const { page, axe } = await open('/workloads')
    await page.getByRole('row', { name: /prod\/api .*▲? ?[\d,]+ ms above its threshold/ }).waitFor()
    await page.getByRole('row', { name: /prod\/checkout .* \d+ ms/ }).waitFor()
    await page.getByRole('link', { name: 'prod/api' }).click()
    const hour = page.getByRole('region', { name: 'The last hour' })
    await hour.getByRole('figure', { name: /^p95 latency of api .*above its threshold of 500 ms/ }).waitFor()
    await hour.getByRole('figure', { name: /^Ready pods of prod\/api .*2 pods/ }).waitFor()
    await hour.locator('canvas').last().waitFor()
    expect(await axe()).toEqual([])
    await page.getByRole('link', { name: 'prod/ingest' }).click()
    await hour.getByText('The worker reads no figure of it.').waitFor()
  })

  test('show the latency of services on later pages, too', async () => {
    const { page } = await open('/incidents')
    await page.route('**/v1/targets/figures?*', async (route) => {
      const asked = new URL(route.request().url()).searchParams
      const all = (await (await route.fetch()).json()) as { items: { target: string }[] }
      const [first, later] = [all.items.filter(({ target }) => target !== 'service:api'), all.items.filter(({ target }) => target === 'service:api')] // prettier-ignore
      await route.fulfill({ json: asked.has('after') ? { items: later, next: null } : { items: first, next: 'more' } })
    })
    await page.getByRole('link', { name: 'Workloads' }).click()
    await page.getByRole('row', { name: /prod\/api .*▲? ?[\d,]+ ms above its threshold/ }).waitFor()
  })

  test('figures that cannot be had leave the list as it is', async () => {
    on.served.api.failing.add('/v1/targets/figures')
    on.served.api.failing.add('/v1/targets/service%3Aapi/figures')
    const { page } = await open('/workloads?open=prod/api')
    await page.getByText('Could not load the figures of api').waitFor()
    await page.getByRole('figure', { name: /^Ready pods/ }).waitFor()
    await page.getByRole('row', { name: /prod\/api/ }).waitFor()
  })

  test('a look that is old says so, and what was not seen since is not said to be well', async () => {
    const watched = watchedOf(on.served.api)
    watched.age = 300_000
    watched.gone.add('deployment:prod/api')
    const { page, axe } = await open('/workloads')
    await page.getByText(/The worker last looked 5 min ago.*it may be otherwise now/).waitFor()
    await page.getByRole('row', { name: /prod\/api.*was 2 of 2.*not since 9 min ago/ }).waitFor()
    expect(await axe()).toEqual([])
  })

  test('nothing seen, and nothing behind the filter, are two things', async () => {
    const { seen } = watchedOf(on.served.api)
    for (const target of [...seen.keys()]) if (/model|ocr-primary/.test(target)) seen.delete(target)
    const { page } = await open('/workloads?show=short')
    await page.getByText('Every workload is all there. The filter hides 6.').waitFor()
    seen.clear()
    await page.goto('/workloads')
    await page.getByText('The worker has seen no Deployment.').waitFor()
  })

  test('`s` on a row opens the form of the recipe that scales it, filled in; asking plans, and nothing runs', async () => {
    const { page } = await open('/workloads')
    await page.getByRole('link', { name: 'prod/checkout' }).focus()
    await page.keyboard.press('s')
    await page.waitForURL(/\/recipes\/scale-api\?service=checkout/)
    await expect.poll(() => page.getByLabel('Service').inputValue(), { timeout: 20_000 }).toBe('checkout')
    const before = on.served.api.world.plans.size
    await page.getByRole('button', { name: 'Ask for the plan' }).click()
    await page.waitForURL(/service=checkout.*plan=pln_/)
    expect([...on.served.api.world.plans.values()].at(-1)!.body!.trigger).toEqual({ service: 'checkout' })
    expect(on.served.api.world.plans.size).toBe(before + 1)
    expect([...on.served.api.world.runs.values()].filter(({ state }) => state === 'running')).toEqual([])
  })

  test('the list fails alone, and stays when asking again fails', async () => {
    const { page } = await open('/workloads')
    await page.getByRole('row', { name: /prod\/api/ }).waitFor()
    on.served.api.failing.add('/v1/targets')
    await page.getByText('Could not load the workloads').waitFor({ timeout: 30_000 })
    await page.getByRole('row', { name: /prod\/api/ }).waitFor()
  }, 180_000)
})

describe('queues', () => {
  test.each(schemes)('each says what waits and what failed, and one of them of what, %s', async (scheme) => {
    const { page, axe } = await open('/queues', { scheme })
    await page
      .getByRole('row', { name: /batch.*212 .*41 min 8 40 14,022 NoSuchKey: ‹path› and 2 other causes/ })
      .waitFor()
    expect(await axe()).toEqual([])
    await page.keyboard.press('Enter')
    await page.getByText('the newest 200 of 14,022').waitFor()
    await page.getByText('Still failing: what is queued again now would fail again.').waitFor()
    const hour = page.getByRole('region', { name: 'The last hour' })
    await hour.getByRole('figure', { name: /^Failed jobs of batch .*14,022 jobs/ }).waitFor()
    await hour.locator('canvas').last().waitFor()
    // Others wrote it, and it is text.
    await page.getByText('“<img src=x onerror=alert(1)>”').waitFor()
    expect(await axe()).toEqual([])
  })

  test('a group is queued again through the form of its recipe, which names it', async () => {
    const { page } = await open('/queues/batch')
    await page.getByRole('link', { name: 'Queue this group again…' }).first().click()
    await page.waitForURL(/\/recipes\/requeue-failed-jobs/)
    const { searchParams } = new URL(page.url())
    expect([searchParams.get('queue'), searchParams.get('cause')]).toEqual(['batch', 'NoSuchKey: ‹path›'])
  })

  test('a queue without failed jobs says so, and so does one that is not there', async () => {
    const { page } = await open('/queues/mail')
    await page.getByText('No job has failed.').waitFor()
    await page.goto('/queues/nobody')
    await page.getByText('The worker has seen no queue of this name.').waitFor()
  })

  test('what the worker could not read is not known, and is no zero', async () => {
    watchedOf(on.served.api).seen.set('queue:mail', { service: 'mailer', environment: 'prod', kind: 'bull' })
    const { page } = await open('/queues/mail')
    await page.getByText('The worker has not written down why jobs failed.').waitFor()
    expect(await page.getByText('not known', { exact: true }).count()).toBe(4)
  })
})
