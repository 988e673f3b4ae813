import { test } from 'vitest'
import { highLatency } from '../mock-api/world.js'
import { launch } from './browser.js'
import { build } from './built.js'
import { openConsole } from './console.js'
import { serve } from './serve.js'
test('stress', async () => {
  const [built, browser] = await Promise.all([build(), launch()])
  for (const pace of [1, 15, 40, 90, 300]) {
    const served = await serve(built.folder, { pace })
    const { page, troubles, close } = await openConsole(browser, served.url, { as: 'Hannah Okafor' })
    for (let i = 0; i < 8; i++) {
      const id = served.api.arrive(highLatency)
      await page.goto(`/incidents/${id}`)
      await page.getByRole('button', { name: 'Approve and run' }).click()
      await page.getByRole('button', { name: /^Confirm:/ }).and(page.locator('[aria-disabled="false"]')).click()
      await page.getByText('✓ verified', { exact: true }).waitFor({ timeout: 6000 }).catch(async () => { console.log('STUCK', pace, i, (await page.locator('main').innerText()).slice(0, 1500)); await page.screenshot({path:'/tmp/shots/stuck.png'}) })
      await page.locator('main dd', { hasText: /^resolved$/ }).waitFor({ timeout: 6000 }).catch(() => console.log('NOT RESOLVED', pace, i))
    }
    console.log(pace, troubles)
    await close(); await served.close()
  }
  await browser.close(); await built.remove()
}, 200000)
