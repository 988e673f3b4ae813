import { test } from 'vitest'
import { launch } from './browser.js'
import { openConsole } from './console.js'
test('dev', async () => {
  const browser = await launch()
  const { page, troubles } = await openConsole(browser, 'http://127.0.0.1:4899', { as: 'Hannah Okafor', scheme: 'light' })
  await page.getByRole('link', { name: /p95 of api/ }).click()
  await page.getByRole('button', { name: 'Approve and run' }).click()
  await page.getByRole('button', { name: /^Confirm:/ }).and(page.locator('[aria-disabled="false"]')).click()
  await page.getByText('✓ verified', { exact: true }).waitFor({ timeout: 20000 })
  await page.waitForTimeout(2500)
  await page.screenshot({ path: '/tmp/shots/dev.png' })
  // the real one again
  const real = await openConsole(browser, 'http://127.0.0.1:4810', { as: 'Mira' , scheme: 'light', path: '/incidents?state=all'})
  await real.page.locator('main table').waitFor()
  await real.page.screenshot({ path: '/tmp/shots/real-all.png' })
  console.log(troubles, real.troubles)
  await browser.close()
}, 60000)
