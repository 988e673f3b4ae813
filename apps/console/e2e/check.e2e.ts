import { readFile } from 'node:fs/promises'
import { encodeEntry, formatVkey } from '@firebreak/audit-log'
import { TEST_KEYS, TEST_POLICY_TEXT, testEntries } from '@firebreak/audit-log/testing'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { initialScripts, lazyScripts } from './built.js'
import { bundleOf, CHECKED_AT, checkpointOf, Drawer } from './bundles.js'
import type { OpenOptions } from './console.js'
import { onTheMock } from './fixtures.js'

const on = onTheMock({ begin: () => undefined })
let drawer: Drawer

/** Files of an auditor. */
let files: Record<
  'good' | 'tampered' | 'signed' | 'hostile' | 'long' | 'text' | 'policy' | 'checkpoint' | 'keys',
  string
>
const entries = testEntries(300)
const HOSTILE = '<img src=x onerror=alert(1)><script>alert(2)</script>'

beforeAll(async () => {
  drawer = await Drawer.open()
  const good = await bundleOf(entries)
  const flipped = Buffer.from(good)
  // In the name of who did it: still an entry, but another.
  flipped[good.indexOf('"id":"', good.indexOf(encodeEntry(entries[198]!))) + 7]! ^= 1
  const hostile = Buffer.from(good)
  // A name inside of the bundle, of the same length: the tar's own checksum does not fit it any more.
  hostile.write('<b>\u202E', 0)
  files = {
    good: await drawer.put('evidence.tar', good),
    tampered: await drawer.put('evidence-b.tar', flipped),
    signed: await drawer.put('signed.tar', await bundleOf(entries, { exportKey: TEST_KEYS.exporter })),
    hostile: await drawer.put('<img src=x onerror=alert(1)>.tar', hostile),
    long: await drawer.put('long.tar', await bundleOf(testEntries(6_000))),
    text: await drawer.put('notes.txt', 'These are my notes.\n'.repeat(60)),
    policy: await drawer.put('firebreak.policy', TEST_POLICY_TEXT),
    checkpoint: await drawer.put('kept.txt', checkpointOf(200, { seconds: 20 })),
    keys: await drawer.put('export.vkey', `${formatVkey(TEST_KEYS.exporter)}\n`),
  }
}, 120_000)
afterAll(() => drawer?.remove())

/** The page, with the clock of an auditor who checks on the next day. */
async function open(options: OpenOptions = {}) {
  const one = await on.open({ path: '/audit/check', as: 'Audrey Whitfield', ...options })
  await one.page.clock.setFixedTime(CHECKED_AT)
  await one.page.getByRole('heading', { name: 'Check a bundle' }).waitFor()
  return one
}

const chooser = (page: Page, name: string) => page.locator(`input[type=file][aria-label="${name}"]`)
const check = (page: Page) => page.getByRole('button', { name: 'Check', exact: true })
const verdict = (page: Page) => page.getByRole('group', { name: 'Verdict' })
const row = (page: Page, name: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) }) // prettier-ignore

/** Puts things on the desk, and waits until each was looked at. */
async function bring(page: Page, bundle: string, policy = files.policy) {
  await chooser(page, 'Evidence bundle').setInputFiles(bundle)
  await chooser(page, 'Log policy').setInputFiles(policy)
  await page.getByText('log.example/firebreak, cosigned by one or two').waitFor()
}
async function ask(page: Page): Promise<string> {
  await check(page).click()
  await verdict(page).waitFor()
  return verdict(page).innerText()
}

describe('three verdicts', () => {
  test('a bundle that is whole: verified on this device, and a checkpoint to keep', async () => {
    const { page } = await open()
    await bring(page, files.good)
    expect(await ask(page)).toMatch(/Verified on this device\s+The log holds these entries, all of them, unchanged/)
    await page.getByText('all 300 entries').waitFor()
    expect(await row(page, 'leaf').innerText()).toMatch(/ok[\s\S]*each entry hashes to its leaf/)
    expect(await row(page, 'consistency').innerText()).toMatch(/not made[\s\S]*no earlier checkpoint was given/)

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save its checkpoint' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('checkpoint-log.example-firebreak-300.txt')
    expect(await readFile(await download.path(), 'utf8')).toBe(checkpointOf(300))

    // And it is of use the next time: a log that has become shorter since then is found out.
    await chooser(page, 'Kept checkpoint').setInputFiles(await download.path())
    await page.getByText('log.example/firebreak, 300 entries').waitFor()
    await chooser(page, 'Evidence bundle').setInputFiles(
      await drawer.put('older.tar', await bundleOf(testEntries(250))),
    )
    expect(await ask(page)).toContain('Not verified: tampered')
  })

  test('one flipped bit: tampered, where, and by which check', async () => {
    const { page } = await open()
    await bring(page, files.tampered)
    expect(await ask(page)).toMatch(
      /Not verified: tampered\s+First at entry 198 \([\w-]{36}\), found by the check leaf/,
    )
    expect(await row(page, 'files').innerText()).toMatch(/failed[\s\S]*entries.ndjson is not the file/)
    expect(await page.getByRole('button', { name: 'Save its checkpoint' }).count()).toBe(0)
    // The focus is on the verdict, and who cannot see it is told.
    expect(await verdict(page).evaluate((element) => element === document.activeElement)).toBe(true)
    expect(await page.getByRole('status', { name: 'Announcements' }).innerText()).toContain('Entry 198')
  })

  test('a statement whose signer nobody named: incomplete; with the key it is verified', async () => {
    const { page } = await open()
    await bring(page, files.signed)
    await chooser(page, 'Kept checkpoint').setInputFiles(files.checkpoint)
    await page.getByText('log.example/firebreak, 200 entries').waitFor()
    expect(await ask(page)).toMatch(/^\S*\s*Incomplete\s+What could be checked is right/)
    expect(await page.getByRole('button', { name: 'Save its checkpoint' }).count()).toBe(0)
    expect(await row(page, 'statement').innerText()).toMatch(/not made[\s\S]*leaves something unproven/)

    await page.getByRole('button', { name: 'Paste: Keys of exporters' }).click()
    await page.getByRole('textbox', { name: 'Keys of exporters' }).fill(formatVkey(TEST_KEYS.exporter))
    // What was found is of what lay there before.
    await verdict(page).waitFor({ state: 'detached' })
    await page.getByText('1 key: exports.example/firebreak').waitFor()
    expect(await ask(page)).toContain('Verified on this device')
    expect(await row(page, 'consistency').innerText()).toContain('the first 200 entries are those that you knew')
  })
})

test('the server’s newest checkpoint stands beside it, as its word, and can be kept', async () => {
  const { page } = await open()
  const pane = page.getByRole('region', { name: 'What the server says' })
  await pane.getByText(/log\.example\/firebreak, 20 entries, signed by log\.example\/firebreak and notary\.example\/1/).waitFor() // prettier-ignore
  expect(await pane.innerText()).toMatch(/not verified[\s\S]* ago/)
  const [download] = await Promise.all([page.waitForEvent('download'), pane.getByRole('button').click()])
  expect(await readFile(await download.path(), 'utf8')).toBe(checkpointOf(20))
})

test('without the server’s checkpoint a bundle is checked all the same', async () => {
  on.served.api.failing.add('/v1/audit/checkpoint')
  const { page } = await open()
  await page.getByText('Could not load the newest checkpoint').waitFor({ timeout: 20_000 })
  await bring(page, files.good)
  expect(await ask(page)).toContain('Verified on this device')
})

describe('what cannot be used is told in a sentence', () => {
  test('a text instead of a bundle', async () => {
    const { page } = await open()
    await bring(page, files.text)
    expect(await ask(page)).toMatch(
      /cannot be used\s+It is no evidence bundle: not a tar header \(byte 0\)\.\s+Nothing was/,
    )
  })

  test('a policy that is none is told before anything is checked', async () => {
    const { page } = await open()
    await chooser(page, 'Evidence bundle').setInputFiles(files.good)
    await chooser(page, 'Log policy').setInputFiles(files.text)
    await page.getByText('It cannot be used: line 1: a line begins with log, witness, group, quorum or #').waitFor()
    await page.getByText('One of them cannot be used.').waitFor()
    expect(await check(page).getAttribute('aria-disabled')).toBe('true')
    await check(page).click({ force: true })
    expect(await page.getByText('A check ends with one of three verdicts').count()).toBe(1)
    await page.getByRole('button', { name: 'Remove: Log policy' }).click()
    await page.getByText('Give a log policy.').waitFor()
  })

  test('hostile names and words are text', async () => {
    const { page } = await open()
    await page.evaluate(() => Object.assign(globalThis, { alert: () => Object.assign(globalThis, { ran: true }) }))
    await bring(page, files.hostile)
    expect(await ask(page)).toContain('It is no evidence bundle: a tar header that is not as bundles have it')
    await page.getByText('<img src=x onerror=alert(1)>.tar').first().waitFor()

    await page.getByRole('button', { name: 'Paste: Log policy' }).click()
    const box = page.getByRole('textbox', { name: 'Log policy' })
    await box.fill(`quorum ${HOSTILE.replaceAll(' ', '\u00A0')}`)
    await page.getByText('It cannot be used: line 1').waitFor()
    await box.fill(TEST_POLICY_TEXT.replaceAll(/\btwo\b/g, '<b>bold</b>'))
    await page.getByText('cosigned by one or <b>bold</b>').waitFor()
    expect(await page.locator('main img, main script, main b:text-is("bold")').count()).toBe(0)
    expect(await page.evaluate(() => 'ran' in globalThis)).toBe(false)
  })
})

describe('the check is made beside the page', () => {
  test('in a worker that can open no connection, and that is gone when it has answered', async () => {
    const { page } = await open()
    // What the server says is looked at by a worker, too; then there is none.
    await page.getByText('20 entries, signed by').waitFor()
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await bring(page, files.long)
    const [worker] = await Promise.all([page.waitForEvent('worker'), check(page).click()])
    expect(worker.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/assets\/worker-[\w-]+\.js$/)
    // Its own policy: neither this server nor any other is reached from it.
    const reached = await worker.evaluate(() => fetch('/v1/me').then(() => 'reached', () => 'not reached')) // prettier-ignore
    expect(reached).toBe('not reached')
    await verdict(page).waitFor({ timeout: 60_000 })
    await expect.poll(() => page.workers()).toEqual([])
    expect(asked.filter((url) => !/\/(assets\/|reports$|v1\/audit\/checkpoint$)/.test(url))).toEqual([])
    await expect.poll(() => on.served.reports.splice(0).join('\n')).toMatch(/connect-src[\s\S]*\/v1\/me/)
  }, 180_000)

  test('nothing but that worker is started: another address is not vouched for', async () => {
    const { page, troubles } = await open()
    await page.getByRole('button', { name: 'Choose file: Log policy' }).waitFor()
    const said = await page.evaluate(() => {
      try {
        new Worker('/assets/other.js')
        return 'started'
      } catch (error) {
        return (error as Error).name
      }
    })
    expect(said).toBe('TypeError')
    // Nor can anybody else make the policy that vouches: its name may be used once.
    const again = await page.evaluate(() => {
      const { trustedTypes } = globalThis as unknown as { trustedTypes: { createPolicy(name: string, rules: object): unknown } } // prettier-ignore
      try {
        return String(trustedTypes.createPolicy('firebreak-checker', { createScriptURL: (url: string) => url }))
      } catch (error) {
        return (error as Error).name
      }
    })
    expect(again).toBe('TypeError')
    // Each is told three times, at moments of the browser's own: to the page, on its console, and in a report.
    const told = () => [...troubles, ...on.served.reports].map((one) => (/require-trusted/.test(one) ? 'worker' : 'policy')) // prettier-ignore
    await expect.poll(() => told().toSorted()).toEqual(['policy', 'policy', 'policy', 'worker', 'worker', 'worker'])
    expect(troubles.splice(0).join('\n')).toMatch(/policy: require-trusted-types-for [^]*policy: trusted-types /)
    on.served.reports.splice(0)
  })

  test('and can be cancelled: it is over at once, and nothing was found out', async () => {
    const { page } = await open()
    await bring(page, files.long)
    await check(page).click()
    await page.getByRole('progressbar', { name: 'The check' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('Nothing was found out: a check that was not finished says nothing.').waitFor()
    await expect.poll(() => page.workers()).toEqual([])
    expect(await verdict(page).count()).toBe(0)
    // It can be begun again.
    await check(page).and(page.locator('[aria-disabled="false"]')).waitFor()
  })

  test('going to another page ends it', async () => {
    const { page } = await open()
    await bring(page, files.long)
    await check(page).click()
    await page.getByRole('progressbar', { name: 'The check' }).waitFor()
    await page.getByRole('link', { name: 'Incidents' }).click()
    await page.getByRole('heading', { name: 'Incidents' }).waitFor()
    await expect.poll(() => page.workers()).toEqual([])
  })
})

test('by the keys alone, from the navigation to the verdict', async () => {
  const one = await on.open({ path: '/incidents', as: 'Audrey Whitfield' })
  const { page } = one
  await page.clock.setFixedTime(CHECKED_AT)
  const tabTo = async (name: string) => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab')
      const there = await page.evaluate(() => {
        const { activeElement: at } = document
        return at?.getAttribute('aria-label') ?? at?.textContent?.trim() ?? ''
      })
      if (there.startsWith(name)) return
    }
    throw new Error(`Tab does not reach ${name}`)
  }
  // The browser is told once that no dialog shall open, and before the first press.
  page.on('filechooser', () => undefined)
  const choose = async (path: string) => {
    const [chosen] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')])
    await chosen.setFiles(path)
  }
  await tabTo('Audit')
  await page.keyboard.press('Enter')
  await page.locator('h1:focus', { hasText: 'Check a bundle' }).waitFor()
  await tabTo('Choose file: Evidence bundle')
  await choose(files.good)
  await tabTo('Choose file: Log policy')
  await choose(files.policy)
  await page.getByText('cosigned by one or two').waitFor()
  await page.keyboard.press('Control+Enter')
  await page.locator('[role=group]:focus', { hasText: 'Verified on this device' }).waitFor()
  await tabTo('Copy digest of the manifest')
})

test('files that are dropped anywhere go where they belong, and what is unknown is said', async () => {
  const { page } = await open()
  const drop = async (target: string, ...paths: string[]) => {
    const all = await Promise.all(paths.map(async (path) => ({ name: path.split('/').at(-1)!, base64: (await readFile(path)).toString('base64') }))) // prettier-ignore
    await page.locator(target).evaluate((element, dropped) => {
      const dataTransfer = new DataTransfer()
      for (const { base64, name } of dropped)
        dataTransfer.items.add(new File([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], name))
      const event = (type: string) => new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer })
      element.dispatchEvent(event('dragover'))
      element.dispatchEvent(event('drop'))
    }, all)
  }
  await drop('h1', files.good, files.policy, files.checkpoint, files.keys, files.text)
  const field = (name: string) => page.getByRole('region', { name, exact: true })
  await field('Evidence bundle').getByText('evidence.tar').waitFor()
  await field('Log policy').getByText('cosigned by one or two').waitFor()
  await field('Kept checkpoint').getByText('200 entries').waitFor()
  await field('Keys of exporters').getByText('1 key').waitFor()
  await page.getByText('Not known what notes.txt is: drop it where it belongs.').waitFor()
  // On a field, a file is what the field says.
  await drop('[data-input=bundle] h3', files.text)
  await field('Evidence bundle').getByText('notes.txt').waitFor()
  expect(await ask(page)).toContain('cannot be used')
})

describe('for everybody', () => {
  test.each(['light', 'dark'] as const)(
    'nothing that axe finds, in any state, %s',
    async (scheme) => {
      const { axe, page } = await open({ scheme })
      expect(await axe()).toEqual([])
      await chooser(page, 'Log policy').setInputFiles(files.text)
      await page.getByText('It cannot be used: line 1').waitFor()
      await page.getByRole('button', { name: 'Paste: Keys of exporters' }).click()
      expect(await axe()).toEqual([])
      for (const bundle of [files.good, files.tampered, files.signed, files.text]) {
        await bring(page, bundle)
        await ask(page)
        expect(await axe()).toEqual([])
      }
    },
    120_000,
  )

  test('nothing has to be scrolled sideways on a narrow screen', async () => {
    const { page } = await open({ width: 400 })
    await bring(page, files.tampered)
    await ask(page)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400)
  })
})

test('who does not open it loads nothing of it; who does, a small page and one script for the worker', async () => {
  const lazy = Object.entries(await lazyScripts(on.built)).map(([name, bytes]) => ({
    name: name.replace(/-[\w-]{8}\.js$/, ''),
    bytes,
  }))
  expect(lazy.map(({ name }) => name)).toEqual(expect.arrayContaining(['CheckPage', 'worker']))
  for (const { name, bytes } of lazy) if (name !== 'worker') expect(bytes, name).toBeLessThanOrEqual(60 * 1024)
  // The checker with its curves and schemas: no page waits for it.
  expect(lazy.find(({ name }) => name === 'worker')?.bytes).toBeLessThanOrEqual(120 * 1024)
  expect(await initialScripts(on.built)).toBeLessThanOrEqual(220 * 1024)
})
