import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'

/** The system's keyring, as Electron reaches it. */
export abstract class SecretBox {
  /** `basic_text` and `unknown` hide nothing; `system` is a keyring that has no name to tell (macOS, Windows). */
  abstract backend(): Promise<
    'system' | 'gnome_libsecret' | 'kwallet' | 'kwallet5' | 'kwallet6' | 'basic_text' | 'unknown' | 'none'
  >
  abstract seal(text: string): Promise<Buffer>
  /** Rejects what was sealed elsewhere. `again`: it is to be sealed anew, the key is another by now. */
  abstract unseal(sealed: Buffer): Promise<{ text: string; again: boolean }>
}

/** Whether one stays signed in, or the sentence why not. */
export interface Keeping {
  signedIn: boolean
  because: string | null
}

const file = z.strictObject({ version: z.literal(1), issuer: z.string(), sealed: z.base64() })

const NO_KEYRING =
  'This system has no keyring that Firebreak can use, so you stay signed in until it is closed and then sign in again.'
const NOT_OPENED = 'What was kept from the last time cannot be read any more (the keyring is another). Sign in again.'
const NOT_WRITTEN = 'Firebreak could not write to its folder, so you stay signed in until it is closed.'

/** What one stays signed in with, sealed by the keyring, in a file that its owner alone reads. It is lost rather than fatal. */
export class Vault {
  private keeping: Keeping = { signedIn: true, because: null }

  constructor(
    private readonly box: SecretBox,
    private readonly path: string,
    /** What was kept for another provider is nobody's business here. */
    private readonly issuer: string,
  ) {}

  keeps(): Keeping {
    return this.keeping
  }

  /** What was kept, or undefined. */
  async load(): Promise<string | undefined> {
    if (!(await this.usable())) {
      // Of a time when there was a keyring: nobody may open it now.
      await this.clear()
      return undefined
    }
    const text = await readFile(this.path, 'utf8').catch(() => undefined)
    if (text === undefined) return undefined
    try {
      const { issuer, sealed } = file.parse(JSON.parse(text))
      if (issuer !== this.issuer) throw new Error('another provider')
      const { text: secret, again } = await this.box.unseal(Buffer.from(sealed, 'base64'))
      if (again) await this.save(secret)
      return secret
    } catch {
      await this.clear()
      this.keeping = { signedIn: true, because: NOT_OPENED }
      return undefined
    }
  }

  /** Keeps it if that can be done; says by `keeps` whether it was. */
  async save(secret: string): Promise<void> {
    if (!(await this.usable())) return
    try {
      const sealed = (await this.box.seal(secret)).toString('base64')
      await this.write(JSON.stringify({ version: 1, issuer: this.issuer, sealed }))
      this.keeping = { signedIn: true, because: null }
    } catch {
      await this.clear()
      this.keeping = { signedIn: false, because: NOT_WRITTEN }
    }
  }

  async clear(): Promise<void> {
    await rm(this.path, { force: true }).catch(() => {})
  }

  private async usable(): Promise<boolean> {
    const backend = await this.box.backend().catch(() => 'none')
    const usable = !['basic_text', 'unknown', 'none'].includes(backend)
    if (!usable) this.keeping = { signedIn: false, because: NO_KEYRING }
    return usable
  }

  /** Whole or not at all. */
  private async write(text: string): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 })
    const half = `${this.path}.new`
    await rm(half, { force: true })
    const handle = await open(half, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(half, this.path)
  }
}
