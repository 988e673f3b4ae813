import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { launch } from '../e2e/browser.js'
import { build } from '../e2e/built.js'
import { openConsole } from '../e2e/console.js'
import { serve } from '../e2e/serve.js'
import { scenes } from './scenes.js'

const into = join(import.meta.dirname, 'taken')
const widths = [1280, 1440, 1920] as const
const schemes = ['light', 'dark'] as const

/**
 * Takes every scene whose name contains `part`, in each width and scheme, into `screens/taken/` (not kept by git).
 * Whatever the page complains about is printed.
 */
export async function takeAll(part: string, only = widths as readonly number[]): Promise<void> {
  await mkdir(into, { recursive: true })
  const [built, browser] = await Promise.all([build(), launch()])
  try {
    for (const scene of scenes.filter(({ name }) => name.includes(part)))
      for (const scheme of schemes)
        for (const width of only) {
          const served = await serve(built.folder)
          served.api.seed()
          scene.night?.(served.api)
          const options = { path: scene.path, scheme, width, ...(scene.as === undefined ? {} : { as: scene.as }) }
          const { page, troubles, close } = await openConsole(browser, served.url, options)
          await scene.act?.(page, served.api)
          // The letters of the page are a file of their own, and what moves has come to rest.
          await page.evaluate(() => document.fonts.ready)
          await page.waitForTimeout(200)
          await page.screenshot({ path: join(into, `${scene.name}-${scheme}-${width}.png`) })
          console.log(`${scene.name}-${scheme}-${width}${troubles.length > 0 ? `: ${troubles.join('; ')}` : ''}`)
          await close()
          await served.close()
        }
  } finally {
    await browser.close()
    await built.remove()
  }
}
