import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const home = join(import.meta.dirname, '..')
const sources = globSync('{main,preload,bridge}/**/*.ts', { cwd: home })
  .filter((path) => !/\.spec\.ts$|\/testing\/|\/fake\.ts$/.test(path))
  .map((path) => ({ path, text: readFileSync(join(home, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '') }))

/** In which files this stands, comments aside. */
const where = (pattern: RegExp) =>
  sources
    .filter(({ text }) => pattern.test(text))
    .map(({ path }) => path)
    .sort()

const ELECTRON = 'main/desktop/electron.ts'

test.each<[string, RegExp, string[]]>([
  ['SEC-01: one place makes windows', /new BrowserWindow\(|new WebContentsView\(|new BrowserView\(/, [ELECTRON]],
  ['SEC-21: one place hears the page', /ipcMain\b/, [ELECTRON]],
  [
    'SEC-20: the preload has no way to send but the one in which a channel is named',
    /ipcRenderer\.(send|sendSync|postMessage|sendToHost)/,
    [],
  ],
  [
    'SEC-31: one wrapper opens what is outside, over one adapter',
    /\bopenExternal\(/,
    [ELECTRON, 'main/desktop/desktop.ts', 'main/outside/open.ts', 'main/shell.ts'],
  ],
  [
    'SEC-31: and the shell opens nothing else of the system',
    /shell\.(openPath|showItemInFolder|trashItem|beep|readShortcutLink)/,
    [],
  ],
  [
    'SEC-15: no certificate is taken that the system does not take',
    /setCertificateVerifyProc|certificate-error|rejectUnauthorized|NODE_TLS_REJECT|ignore-certificate/,
    ['main/start/switches.ts'],
  ],
  ['SEC-02: the sandbox is on before Electron is ready', /app\.enableSandbox\(\)/, [ELECTRON]],
  ['SEC-05: nobody opens developer tools', /openDevTools|toggleDevTools/, []],
  [
    'SEC-42: the calls that Electron is taking away are not used',
    /\b(encryptString|decryptString|isEncryptionAvailable|setUsePlainTextEncryption)\(/,
    [],
  ],
  ['no program is started, and no text is run', /child_process|executeJavaScript|\beval\(|new Function|insertCSS/, []],
  [
    'Electron is loaded by its adapter, its entry and the preload alone: elsewhere it would be fetched',
    /^import (?!type)[^;]*? from 'electron'/m,
    [ELECTRON, 'main/main.ts', 'preload/preload.ts'],
  ],
])('%s', (_, pattern, files) => expect(where(pattern)).toEqual([...files].sort()))

test('SEC-02: before anything else happens', () => {
  const main = sources.find(({ path }) => path === 'main/main.ts')!.text
  expect(main.indexOf('\nbeforeReady()')).toBeGreaterThan(0)
  expect(main.indexOf('\nbeforeReady()')).toBeLessThan(main.indexOf('await prepare()'))
  expect(main).not.toMatch(/await startShell/)
})

test('every statement of the README is held by a test that names it', () => {
  const stated = [...readFileSync(join(home, 'main/README.md'), 'utf8').matchAll(/^\| (SEC-\d+) /gm)].map(
    ([, id]) => id!,
  )
  expect(stated.length).toBeGreaterThan(30)
  const held = globSync('{src/**/*.spec.ts,e2e/**/*.e2e.ts,e2e/shell/conformance.ts}', { cwd: join(home, '..') })
    .map((path) => readFileSync(join(home, '..', path), 'utf8'))
    .join()
  expect(stated.filter((id) => !held.includes(`${id}:`) && !held.includes(`${id} `))).toEqual([])
})
