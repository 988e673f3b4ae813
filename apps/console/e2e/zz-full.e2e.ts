import { test } from 'vitest'
import { launch } from './browser.js'
import { openConsole } from './console.js'

test('full', async () => {
  const browser = await launch()
  const { page, troubles, axe, close } = await openConsole(browser, 'http://127.0.0.1:4810', { as: 'Hannah Okafor' })
  await fetch('http://127.0.0.1:4811/break/slow', { method: 'POST' })
  await fetch('http://127.0.0.1:4811/break/forbid', { method: 'POST' })
  const link = page.locator('main table a').first()
  await link.waitFor({ timeout: 90_000 })
  await link.press('Enter')
  const approve = page.getByRole('button', { name: 'Approve and run' })
  await approve.waitFor({ timeout: 30_000 }).catch(() => undefined)
  await page.screenshot({ path: '/tmp/shots/g1.png', fullPage: true })
  if (await approve.count()) {
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: /^Confirm:/ }).and(page.locator('[aria-disabled="false"]')).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('list', { name: 'Steps of the run' }).waitFor({ timeout: 30_000 })
  await page.waitForTimeout(8000)
  await page.screenshot({ path: '/tmp/shots/g2.png', fullPage: true })
  }
  console.log(await axe(), troubles)
  await fetch('http://127.0.0.1:4811/mend/forbid', { method: 'POST' })
  await fetch('http://127.0.0.1:4811/mend/slow', { method: 'POST' })
  await page.waitForTimeout(15000)
  await page.screenshot({ path: '/tmp/shots/g3.png', fullPage: true })
  await close()
  await browser.close()
}, 300_000)
