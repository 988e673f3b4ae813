import { test } from 'vitest'
import { launch } from './browser.js'
import { build } from './built.js'
import { openConsole } from './console.js'
import { serve } from './serve.js'

test('shots', async () => {
  const [built, browser] = await Promise.all([build(), launch()])
  for (const scheme of ['dark', 'light'] as const) {
    const served = await serve(built.folder, { pace: 700 })
    served.api.seed()
    const shot = async (name: string, full = false) =>
      page.screenshot({ path: `/tmp/shots/${name}-${scheme}.png`, fullPage: full })
    const first = await openConsole(browser, served.url, { scheme })
    await first.page.getByRole('button', { name: 'Leo' }).waitFor()
    await first.page.screenshot({ path: `/tmp/shots/1-signin-${scheme}.png` })
    await first.close()
    const { page, close } = await openConsole(browser, served.url, { scheme, as: 'Hannah Okafor' })
    await page.getByRole('row', { name: /SEV1/ }).waitFor()
    served.api.arrive({ title: 'Batch jobs fail: 14 of the last 20', class: 'batch-failures', service: 'batch' })
    await page.getByRole('button', { name: /1 new/ }).waitFor()
    await shot('2-inbox')
    await page.getByRole('link', { name: 'closed', exact: true }).click()
    await page.getByText('No incident is closed').waitFor()
    await shot('3-empty')
    await page.goto('/')
    await page.getByRole('link', { name: /p95 of api/ }).click()
    await page.getByRole('button', { name: /Approve and run/ }).waitFor()
    await shot('4-room')
    await shot('4-room-full', true)
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
    await shot('5-keys')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Say no' }).click()
    await shot('6-no')
    await page.getByRole('button', { name: 'Back' }).click()
    await page.keyboard.press('e')
    await page.keyboard.press('Control+Enter')
    await page.waitForTimeout(1500)
    await shot('7-armed')
    await page.keyboard.press('Enter')
    await page.getByText('A worker takes it up').waitFor()
    await shot('8-approved')
    await page.getByText('being done').waitFor()
    await shot('9-running')
    await page.getByText('p95 of api is 171 ms').first().waitFor()
    await page.waitForTimeout(1200)
    await shot('10-done', true)
    await close()
    const mira = await openConsole(browser, served.url, { scheme, as: 'Mira' })
    served.api.arrive({
      title: '<img src=x onerror=alert(1)> "><script>alert(1)</script>',
      labels: { alertname: '<b>Bold</b>', 'x"><svg onload=alert(1)>': 'javascript:alert(1)', long: 'a'.repeat(300) },
      annotations: { summary: '[click](javascript:alert(1)) <a href="https://evil.example">x</a>' },
      generator_url: 'javascript:alert(document.cookie)',
    })
    await mira.page.getByRole('button', { name: /new/ }).click()
    await mira.page.getByRole('link', { name: /img src/ }).click()
    await mira.page.getByText('javascript:alert(document').waitFor()
    await mira.page.screenshot({ path: `/tmp/shots/11-hostile-${scheme}.png` })
    const id = served.api.arrive({ title: 'p95 of api is 900 ms', class: 'high-api-latency', severity: 'SEV1' })
    served.api.failing.add(`/v1/incidents/${id}/timeline`)
    await mira.page.goto(`/incidents/${id}`)
    await mira.page.getByText('Could not load the timeline').waitFor({ timeout: 20000 })
    await mira.page.screenshot({ path: `/tmp/shots/12-denied-${scheme}.png` })
    await mira.close()
    await served.close()
  }
  await browser.close()
  await built.remove()
}, 120000)
