import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { env } from 'node:process'

/** What an engine read in a picture. */
export interface Read {
  text: string
  /** Whole percent, as the engine itself says. */
  confidence: number
}

/** A real OCR engine. It takes pictures one by one; nothing of it is loaded before the first. */
export interface Engine {
  readonly is: string
  recognise(image: Buffer): Promise<Read>
  stop(): Promise<void>
}

const LONGEST_MS = 30_000

/** Tesseract where Debian's package (or another) put it on PATH, else tesseract.js. */
export function primaryEngine(): Engine {
  const program = onPath('tesseract')
  return program ? new Tesseract(program) : new TesseractJs()
}

class Tesseract implements Engine {
  readonly is = 'tesseract'

  constructor(private readonly program: string) {}

  async recognise(image: Buffer): Promise<Read> {
    // One line of text, in English, with a confidence for each word.
    const child = spawn(this.program, ['stdin', 'stdout', '--psm', '7', '-l', 'eng', 'tsv'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: LONGEST_MS,
      // One line of text is no work for several threads: they spend their time yielding to each other, thousands of times a
      // picture, and on a machine that is busy each time is a turn lost.
      env: { ...env, OMP_THREAD_LIMIT: '1' },
    })
    // It may be gone before it has read everything.
    child.stdin.on('error', () => undefined).end(image)
    const exited = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
    const output = Buffer.concat(await child.stdout.toArray()).toString('utf8')
    const code = await exited
    if (code !== 0) throw new Error(`tesseract ended with ${code}`)
    const words = output
      .split('\n')
      .slice(1)
      .map((line) => line.split('\t'))
      .filter((fields) => fields[0] === '5' && fields[11]?.trim())
    const confidence = words.reduce((sum, fields) => sum + Number(fields[10]), 0) / Math.max(words.length, 1)
    return { text: words.map((fields) => fields[11]!.trim()).join(' '), confidence: Math.round(confidence) }
  }

  async stop(): Promise<void> {}
}

type Loaded = Awaited<ReturnType<(typeof import('tesseract.js'))['createWorker']>>

/** Tesseract as WebAssembly, in a worker thread, with its data from npm: nothing is downloaded. */
export class TesseractJs implements Engine {
  readonly is = 'tesseract.js'
  #loaded: Promise<Loaded> | undefined

  async recognise(image: Buffer): Promise<Read> {
    const worker = await (this.#loaded ??= load())
    const { data } = await worker.recognize(image)
    return { text: data.text.trim(), confidence: Math.round(data.confidence) }
  }

  async stop(): Promise<void> {
    const worker = await this.#loaded?.catch(() => undefined)
    this.#loaded = undefined
    await worker?.terminate()
  }
}

async function load(): Promise<Loaded> {
  const { createWorker, OEM, PSM } = await import('tesseract.js')
  const data = dirname(createRequire(import.meta.url).resolve('@tesseract.js-data/eng/package.json'))
  const worker = await createWorker('eng', OEM.LSTM_ONLY, {
    langPath: join(data, '4.0.0_best_int'),
    gzip: true,
    cacheMethod: 'none',
    // Without it a picture that cannot be read ends the process.
    errorHandler: () => undefined,
  })
  await worker.setParameters({ tessedit_pageseg_mode: PSM.SINGLE_LINE })
  return worker
}

function onPath(program: string): string | undefined {
  return (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}
