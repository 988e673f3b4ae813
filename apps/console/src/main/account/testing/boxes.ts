import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { SecretBox } from '../vault.js'

/** A keyring in memory: what one key sealed, another does not open. */
export class FakeBox extends SecretBox {
  private key = randomBytes(32)
  private older: Buffer | undefined

  constructor(private kind: Awaited<ReturnType<SecretBox['backend']>> = 'gnome_libsecret') {
    super()
  }

  backend = async () => this.kind
  /** The desktop is another since the last start. */
  becomes(kind: Awaited<ReturnType<SecretBox['backend']>>): void {
    this.kind = kind
  }
  /** The keyring was emptied. */
  lose(): void {
    this.key = randomBytes(32)
    this.older = undefined
  }
  /** The keyring has a new key, and still knows the old one. */
  rotate(): void {
    this.older = this.key
    this.key = randomBytes(32)
  }

  async seal(text: string): Promise<Buffer> {
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.key, iv)
    return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  }

  async unseal(sealed: Buffer): Promise<{ text: string; again: boolean }> {
    try {
      return { text: open(sealed, this.key), again: false }
    } catch (error) {
      if (!this.older) throw error
      return { text: open(sealed, this.older), again: true }
    }
  }
}

function open(sealed: Buffer, key: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12))
  decipher.setAuthTag(sealed.subarray(-16))
  return decipher.update(sealed.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8')
}
