import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHANNELS, type Place } from '../bridge/surface.js'
import { Account } from './account/account.js'
import { Provider } from './account/provider.js'
import { Vault } from './account/vault.js'
import { answerThePage } from './bridge/handlers.js'
import { Mailbox } from './deep-link/mailbox.js'
import { linkIn, LINK_SCHEME, parseLink } from './deep-link/parse.js'
import type { Desktop, Window } from './desktop/desktop.js'
import { NoticePolicy, type Told } from './notices/policy.js'
import { Opener } from './outside/open.js'
import { ADDRESS } from './page/address.js'
import type { PageFiles } from './page/files.js'
import { pageHandler, SAFE_PAGE } from './page/handler.js'
import { Proxy } from './page/proxy.js'
import { safePage } from './page/safe.js'
import type { ShellSettings } from './start/settings.js'
import { restoredBounds } from './window/bounds.js'
import { Crashes } from './window/crashes.js'
import { menuTemplate } from './window/menu.js'
import { windowOptions } from './window/options.js'
import { guard, sessionRules } from './window/rules.js'

export interface Start {
  desktop: Desktop
  settings: ShellSettings
  files: PageFiles
  /** The built preload. */
  preload: string
  argv: readonly string[]
  now(): number
  /** Hears what the operator of this machine may want to know. */
  log(line: string): void
}

/** Puts the shell together, and opens its window. Undefined when another one runs already: it was told. */
export async function startShell(start: Start): Promise<Shell | undefined> {
  const { desktop } = start
  if (!desktop.isFirst()) {
    desktop.quit()
    return undefined
  }
  const shell = new Shell(start)
  // Links may come before there is a window.
  desktop.onSecondStart((argv) => shell.startedAgain(argv))
  desktop.onLink((link) => shell.go(parseLink(link)))
  desktop.onContents((contents) => guard(contents, (address) => shell.pressed(address)))
  desktop.claimLinks(LINK_SCHEME)
  await desktop.ready()
  await shell.open()
  return shell
}

export class Shell {
  private readonly mailbox = new Mailbox()
  private readonly notices = new NoticePolicy()
  private readonly crashes = new Crashes()
  private readonly account: Account
  private readonly proxy: Proxy
  private readonly opener: Opener
  private window: Window | undefined
  private troubled = false

  constructor(private readonly start: Start) {
    const { desktop, settings, now } = start
    this.opener = new Opener(
      {
        openExternal: (url) => desktop.openExternal(url),
        ask: async (host) => (await desktop.ask({ message: `Open ${host} in the browser?`, detail: 'The link comes from an alert or a person, and leaves Firebreak.', buttons: ['Open', 'Stay here'] })) === 0, // prettier-ignore
        say: (why) => this.say(why),
      },
      settings.links,
    )
    const { oidc } = settings
    this.account = new Account({
      provider: oidc && new Provider(oidc, (url, init) => desktop.fetch(new Request(url, init as RequestInit)), now),
      vault: new Vault(desktop.box, join(desktop.userData, 'signed-in.json'), oidc?.issuer ?? settings.api),
      now,
      openBrowser: (address) => this.opener.openProvider(address, oidc?.issuer ?? address),
      knows: (token) => this.knows(token),
    })
    this.proxy = new Proxy({
      origin: settings.api,
      fetch: (request) => desktop.fetch(request),
      credential: this.account.credential,
      renewed: this.account.renewed,
      heard: async (path, method, response) => {
        await this.account.heard(path, method, response)
        if (method === 'POST' && path === '/v1/sign-out') await this.signedOut()
      },
    })
    const place = linkIn(start.argv)
    if (place) this.mailbox.put(place)
  }

  /** When Electron is ready: the page, its rules, its window. */
  async open(): Promise<void> {
    const { desktop, files, settings, preload, now, log } = this.start
    desktop.setMenu(menuTemplate(desktop.platform))
    desktop.rule(sessionRules)
    desktop.serve(
      pageHandler({
        files,
        nonce: () => randomBytes(16).toString('base64'),
        proxy: this.proxy.answer,
        safePage: () => safePage(settings.api),
      }),
    )
    answerThePage(
      desktop.wire,
      {
        info: () => ({
          version: desktop.version,
          platform: desktop.platform,
          api: new URL(settings.api).host,
          signsIn: this.account.signsIn,
          keeps: this.account.keeps(),
        }),
        signIn: async () => {
          await this.account.signIn()
          this.window?.reveal()
        },
        incidents: (open) => this.tell(this.notices.hear(open, now())),
        listen: () => this.mailbox.listen((place) => this.window?.send(CHANNELS.go, place)),
      },
      log,
    )
    desktop.onWake(() => this.proxy.dropStreams())

    const bounds = restoredBounds(this.readBounds(), desktop.screens())
    const window = desktop.openWindow(windowOptions(bounds, { preload, packaged: desktop.packaged }))
    this.window = window
    window.onLeave(() => this.mailbox.deaf())
    window.onTrouble((what) => void this.trouble(what))
    window.onClose(() => {
      this.writeBounds()
      this.account.cancel()
    })
    await window.load(`${ADDRESS}/`)
  }

  startedAgain(argv: readonly string[]): void {
    this.go(linkIn(argv))
  }

  /** Shows the window, and leads the page there. A link that leads nowhere shows the window alone. */
  go(place: Place | undefined): void {
    if (place) this.mailbox.put(place)
    this.window?.reveal()
  }

  pressed(address: string): void {
    void this.opener.open(address)
  }

  private tell({ show, close, count }: Told): void {
    const { desktop } = this.start
    for (const key of close) desktop.unshow(key)
    for (const notice of show)
      desktop.show(notice, () =>
        this.go(notice.incident === undefined ? undefined : { kind: 'incident', id: notice.incident }),
      )
    this.window?.setCount(count)
  }

  private async signedOut(): Promise<void> {
    this.tell({ show: [], close: this.notices.forget(), count: 0 })
    await this.start.desktop.wipe()
  }

  private async trouble(what: 'crashed' | 'stands still'): Promise<void> {
    const { desktop, now, log } = this.start
    // One box at a time, however long it is left open.
    if (this.troubled) return
    this.troubled = true
    log(`the page ${what}`)
    try {
      if (this.crashes.happened(now()) === 'show the safe page') return await this.window?.load(ADDRESS + SAFE_PAGE)
      const answer = await desktop.ask({
        message: what === 'crashed' ? 'The page of Firebreak has crashed.' : 'The page of Firebreak does not answer.',
        detail: 'What runs on the server runs on. Loading it anew shows how it stands.',
        buttons: ['Load it anew', 'Wait'],
      })
      if (answer === 0) await this.window?.load(`${ADDRESS}/`)
    } finally {
      this.troubled = false
    }
  }

  /** A person of the provider's whom the API has never seen is nobody to it. */
  private async knows(token: string): Promise<boolean> {
    const { desktop, settings } = this.start
    const headers = { authorization: `Bearer ${token}` }
    return (await desktop.fetch(new Request(`${settings.api}/v1/me`, { headers }))).ok
  }

  private say(why: string): void {
    this.start.log(why)
    void this.start.desktop.ask({ message: why, detail: '', buttons: ['OK'] })
  }

  private get boundsFile(): string {
    return join(this.start.desktop.userData, 'window.json')
  }

  private readBounds(): string | undefined {
    try {
      return readFileSync(this.boundsFile, 'utf8')
    } catch {
      return undefined
    }
  }

  /** At once: the window is closing. Where it was is worth no error. */
  private writeBounds(): void {
    try {
      const { x, y, width, height } = this.window!.bounds()
      writeFileSync(this.boundsFile, JSON.stringify({ x, y, width, height }), { mode: 0o600 })
    } catch {
      this.start.log('where the window was could not be kept')
    }
  }
}
