import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest'
import type { MockApi } from '../mock-api/mock.js'
import type { MockOptions } from '../mock-api/night.js'
import { launch } from './browser.js'
import { build, type Built } from './built.js'
import { openConsole, type ConsolePage, type OpenOptions } from './console.js'
import { serve, type Served } from './serve.js'

/** What a file of tests has from its first test to its last. */
export interface Launched {
  readonly built: Built
  readonly browser: Browser
}

/** What a test has besides: the build behind a mock API of its own, and the pages that it opens there. */
export interface OnTheMock extends Launched {
  readonly served: Served
  /** Opens a page whose troubles fail the test, and which is closed behind it. */
  open(options?: OpenOptions): Promise<ConsolePage>
  /** Serves this test anew, by an API that has other options and nothing in it. */
  serveAnew(options: Partial<MockOptions>): Promise<void>
}

/** Both colour schemes, for `test.each`. */
export const schemes = ['light', 'dark'] as const

/** Sets the hooks of this file that build the console and start a browser, once. What they made is there in tests and hooks. */
export function launched(): Launched {
  let built: Built
  let browser: Browser
  beforeAll(async () => {
    ;[built, browser] = await Promise.all([build(), launch()])
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await built?.remove()
  })
  return {
    get built() {
      return built
    },
    get browser() {
      return browser
    },
  }
}

/**
 * Sets the hooks of this file that give each test a mock API of its own. After each nothing may have gone wrong in a
 * page, and no policy may have been broken.
 *
 * @param options.begin what is there when a test begins; left out: what {@link MockApi.seed} puts there
 * @param options.patient the pages take their time, beside other suites on two cores: 40 s a step, 120 s a test
 */
export function onTheMock({
  begin = (api: MockApi) => api.seed(),
  patient = false,
}: { begin?(api: MockApi): void; patient?: boolean } = {}): OnTheMock {
  const launch = launched()
  let served: Served
  const opened: ConsolePage[] = []
  if (patient) {
    vi.setConfig({ testTimeout: 120_000 })
    afterAll(() => vi.resetConfig())
  }
  beforeEach(async () => {
    served = await serve(launch.built.folder)
    begin(served.api)
  })
  afterEach(async () => {
    const all = opened.splice(0)
    const troubles = all.flatMap((one) => one.troubles)
    await Promise.all(all.map((one) => one.close()))
    await served.close()
    expect([...troubles, ...served.reports]).toEqual([])
  })
  return {
    get built() {
      return launch.built
    },
    get browser() {
      return launch.browser
    },
    get served() {
      return served
    },
    open: async (options = {}) => {
      const one = await openConsole(launch.browser, served.url, options)
      if (patient) one.page.setDefaultTimeout(40_000)
      opened.push(one)
      return one
    },
    serveAnew: async (options) => {
      await served.close()
      served = await serve(launch.built.folder, options)
    },
  }
}
