import { execFile } from 'node:child_process'
import { access, constants, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { chromium, type Browser } from 'playwright-core'

/** A Chromium that can be started: where it is, and what it wants in its environment. */
export interface Chromium {
  path: string
  env: Record<string, string>
  /** Where it was found, for people. */
  from: string
}

/**
 * A Chromium: `CHROMIUM_PATH`, else `chromium` on the PATH, else the npm package @sparticuz/chromium, which brings its
 * own libraries and a font, so that a machine without a browser and without root still tests in a real one.
 */
export async function findChromium(env: NodeJS.ProcessEnv = process.env): Promise<Chromium> {
  const named = env['CHROMIUM_PATH']
  if (named !== undefined && named !== '') {
    if (await isProgram(named)) return { path: named, env: {}, from: 'CHROMIUM_PATH' }
    throw new Error(
      `CHROMIUM_PATH is ${named}, and there is no program. Correct it, or unset it to use another Chromium.`,
    )
  }
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'chromium')
    if (folder !== '' && (await isProgram(path))) return { path, env: {}, from: 'PATH' }
  }
  return unpacked()
}

/** Starts it with an empty profile of its own, which is gone when it is closed. */
export async function launch(): Promise<Browser> {
  const { path, env, from } = await findChromium()
  const libraries = [env['LD_LIBRARY_PATH'], process.env['LD_LIBRARY_PATH']].filter((text) => text !== undefined)
  const options = {
    executablePath: path,
    env: { ...process.env, ...env, ...(libraries.length > 0 ? { LD_LIBRARY_PATH: libraries.join(':') } : {}) },
    args: [
      // Root has no sandbox in Chromium; what is opened is only our own page on the loopback.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  }
  return chromium.launch(options).catch((error: unknown) => {
    throw new Error(`Chromium (${from}: ${path}) does not start. Set CHROMIUM_PATH to one that does.`, { cause: error })
  })
}

/** The npm package's Chromium, unpacked once beside it; several at the same time may try. */
async function unpacked(): Promise<Chromium> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const home = dirname(dirname(entry))
  const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as { version: string }
  const cache = join(home, '..', '..', '.cache')
  const folder = join(cache, `firebreak-chromium-${version}`)
  const path = join(folder, 'chromium')
  if (!(await isProgram(path))) {
    await mkdir(cache, { recursive: true })
    const making = await mkdtemp(`${folder}-`)
    try {
      await unpack(entry, making)
      await writeFile(join(making, 'fonts.conf'), fontsConf(folder))
      await rename(making, folder).catch(async (error: unknown) => {
        // Somebody was faster: theirs is as good.
        if (!(await isProgram(path))) throw error
      })
    } finally {
      await rm(making, { recursive: true, force: true })
    }
  }
  return {
    path,
    env: { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_FILE: join(folder, 'fonts.conf') },
    from: '@sparticuz/chromium',
  }
}

/**
 * The package unpacks into the temporary folder of its process, and its libraries only where it believes to be in the
 * cloud that it was made for. So: a process of its own, whose temporary folder is ours, and which is told so.
 */
async function unpack(entry: string, into: string): Promise<void> {
  const script = `const { default: chromium } = await import(${JSON.stringify(pathToFileURL(entry).href)}); await chromium.executablePath()`
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH: process.env['PATH'], HOME: into, TMPDIR: into, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' },
  })
}

const fontsConf = (folder: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
</fontconfig>
`

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
