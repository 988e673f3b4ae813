import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { FakeBox } from '../../src/main/account/testing/boxes.js'
import { readPage } from '../../src/main/page/files.js'
import { startShell } from '../../src/main/shell.js'
import type { ShellSettings } from '../../src/main/start/settings.js'
import { ChromiumDesktop } from './desktop.js'

const project = join(import.meta.dirname, '../..')

/** Builds the shell's programs into a folder, as they are shipped. */
export async function buildShell(folder: string, ...modes: string[]): Promise<void> {
  const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin', 'vite.js')
  for (const mode of modes)
    await promisify(execFile)(
      process.execPath,
      [vite, 'build', '--config', 'vite.shell.config.ts', '--mode', mode, '--logLevel', 'warn', '--outDir', folder],
      { cwd: project, env: { ...process.env, NODE_ENV: 'production' } },
    )
}

/** The preload, as text. */
export async function buildPreload(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'firebreak-preload-'))
  try {
    await buildShell(folder, 'preload')
    return await readFile(join(folder, 'preload.cjs'), 'utf8')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export interface ShellOptions {
  browser: Browser
  /** What `build` made. */
  folder: string
  preload: string
  /** Where the API is. */
  api: string
  settings?: Partial<ShellSettings>
  argv?: string[]
}

/** The shell, running: its main process in Node, its page in a Chromium. */
export interface OpenedShell {
  desktop: ChromiumDesktop
  page: Page
  /** What broke the page's policy, was thrown, or was written as an error. */
  troubles: string[]
  close(): Promise<void>
}

export async function openShell(options: ShellOptions): Promise<OpenedShell> {
  const { browser, folder, preload, api, settings = {}, argv = [] } = options
  const userData = await mkdtemp(join(tmpdir(), 'firebreak-user-'))
  const desktop = await ChromiumDesktop.open(browser, userData, new FakeBox(), preload)
  const { page } = desktop
  const troubles: string[] = []
  await page.exposeFunction('troubled', (what: string) => void troubles.push(what))
  await page.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      (window as unknown as { troubled(what: string): void }).troubled(`policy: ${violatedDirective} ${blockedURI}`),
    ),
  )
  page.on('pageerror', ({ message }) => troubles.push(`thrown: ${message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      troubles.push(message.text())
  })
  await startShell({
    ...{ desktop, preload: '', argv: ['firebreak', ...argv], now: Date.now, log: () => {} },
    settings: { api, oidc: undefined, links: ['grafana.example'], allowSwitches: [], ...settings },
    files: await readPage(folder),
  })
  return {
    ...{ desktop, page, troubles },
    close: async () => {
      await desktop.close()
      await rm(userData, { recursive: true, force: true })
    },
  }
}
