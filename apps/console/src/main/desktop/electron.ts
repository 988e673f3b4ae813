import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  Notification,
  powerMonitor,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  type BrowserWindowConstructorOptions,
  type MenuItemConstructorOptions,
  type Session,
  type WebContents,
} from 'electron'
import { SecretBox } from '../account/vault.js'
import { Wire, type Sender } from '../bridge/register.js'
import type { Notice } from '../notices/policy.js'
import { PRIVILEGES, SCHEME } from '../page/address.js'
import type { Screen } from '../window/bounds.js'
import { Contents, Desktop, Window, type Question, type SessionRules } from './desktop.js'

/*
 * The real Electron behind the port. There is no decision here: what may be, the other modules say, and Node tests them.
 */

/** Before Electron is ready, and before anything else. */
export function beforeReady(): void {
  app.enableSandbox()
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: PRIVILEGES }])
}

class ElectronContents extends Contents {
  constructor(private readonly contents: WebContents) {
    super()
  }

  onNavigate(may: (address: string) => boolean): void {
    const judge = (event: { url: string; preventDefault(): void }) => {
      if (!may(event.url)) event.preventDefault()
    }
    this.contents.on('will-navigate', judge)
    this.contents.on('will-redirect', judge)
    this.contents.on('will-frame-navigate', judge)
  }

  onNewWindow(pressed: (address: string) => void): void {
    this.contents.setWindowOpenHandler(({ url }) => {
      pressed(url)
      return { action: 'deny' }
    })
  }

  refuseWebviews(): void {
    this.contents.on('will-attach-webview', (event) => event.preventDefault())
  }
}

class ElectronWindow extends Window {
  constructor(private readonly window: BrowserWindow) {
    super()
    window.once('ready-to-show', () => window.show())
  }

  load = (address: string) => this.window.loadURL(address)

  reveal(): void {
    if (this.window.isMinimized()) this.window.restore()
    this.window.show()
    this.window.focus()
  }

  send(channel: string, payload: unknown): void {
    this.window.webContents.send(channel, payload)
  }

  /** On Linux a badge is shown by few desktops: the page's title says the number too. */
  setCount(count: number): void {
    app.setBadgeCount(count)
  }

  bounds = (): Screen => this.window.getNormalBounds()

  onLeave(left: () => void): void {
    // When another document is there, and not when somebody only tried: a download begins like a navigation.
    this.window.webContents.on('did-navigate', left)
  }

  onTrouble(happened: (what: 'crashed' | 'stands still') => void): void {
    this.window.webContents.on('render-process-gone', (_event, { reason }) => {
      if (reason !== 'clean-exit') happened('crashed')
    })
    this.window.on('unresponsive', () => happened('stands still'))
  }

  onClose(closing: () => void): void {
    this.window.on('close', closing)
  }
}

class ElectronBox extends SecretBox {
  async backend() {
    await app.whenReady()
    if (!(await safeStorage.isAsyncEncryptionAvailable())) return 'none'
    return process.platform === 'linux' ? safeStorage.getSelectedStorageBackend() : 'system'
  }
  seal = (text: string) => safeStorage.encryptStringAsync(text)
  async unseal(sealed: Buffer) {
    const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(sealed)
    return { text: result, again: shouldReEncrypt }
  }
}

class ElectronWire extends Wire {
  handle(channel: string, answer: (sender: Sender, args: unknown[]) => Promise<unknown>): void {
    ipcMain.handle(channel, ({ senderFrame, sender }, ...args: unknown[]) =>
      answer({ url: senderFrame?.url, isMainFrame: senderFrame !== null && senderFrame === sender.mainFrame }, args),
    )
  }
}

export class ElectronDesktop extends Desktop {
  readonly version = app.getVersion()
  readonly platform = process.platform
  readonly packaged = app.isPackaged
  readonly box = new ElectronBox()
  readonly wire = new ElectronWire()
  private readonly notices = new Map<string, Notification>()

  get userData(): string {
    return app.getPath('userData')
  }

  isFirst = () => app.requestSingleInstanceLock()
  quit = () => app.quit()
  ready = () => app.whenReady()
  wipe = () => this.page.clearStorageData({ storages: ['indexdb', 'cachestorage', 'serviceworkers', 'filesystem'] })
  setMenu = (template: MenuItemConstructorOptions[]) => Menu.setApplicationMenu(Menu.buildFromTemplate(template))
  screens = () => screen.getAllDisplays().map(({ workArea }) => workArea)
  openExternal = (address: string) => shell.openExternal(address)

  onSecondStart(started: (argv: string[]) => void): void {
    app.on('second-instance', (_event, argv) => started(argv))
  }

  onLink(opened: (link: string) => void): void {
    app.on('open-url', (event, url) => {
      event.preventDefault()
      opened(url)
    })
  }

  claimLinks(scheme: string): void {
    if (this.packaged) app.setAsDefaultProtocolClient(scheme)
  }

  serve(answer: (request: Request) => Promise<Response>): void {
    this.page.protocol.handle(SCHEME, answer)
  }

  rule({ permission, mayLoad, mayDownload }: SessionRules): void {
    this.page.setPermissionRequestHandler((_contents, name, decide, { requestingUrl }) =>
      decide(permission(name, requestingUrl)),
    )
    this.page.setPermissionCheckHandler((_contents, name, origin) => permission(name, origin))
    this.page.setDevicePermissionHandler(() => false)
    this.page.setDisplayMediaRequestHandler((_request, decide) => decide(null))
    this.page.webRequest.onBeforeRequest(({ url }, decide) => decide({ cancel: !mayLoad(url) }))
    this.page.on('will-download', (event, item) => {
      if (!mayDownload(item.getURL())) event.preventDefault()
    })
  }

  fetch = (request: Request) => this.network.fetch(request, { bypassCustomProtocolHandlers: true })

  onContents(made: (contents: Contents) => void): void {
    app.on('web-contents-created', (_event, contents) => made(new ElectronContents(contents)))
  }

  openWindow(options: BrowserWindowConstructorOptions): Window {
    return new ElectronWindow(
      new BrowserWindow({ ...options, webPreferences: { ...options.webPreferences, session: this.page } }),
    )
  }

  async ask({ message, detail, buttons }: Question): Promise<number> {
    const last = buttons.length - 1
    return (await dialog.showMessageBox({ message, detail, buttons, cancelId: last, defaultId: last, noLink: true }))
      .response
  }

  show({ key, title, body }: Notice, pressed: () => void): void {
    this.unshow(key)
    if (!Notification.isSupported()) return
    const notice = new Notification({ title, body })
    notice.on('click', pressed)
    this.notices.set(key, notice)
    notice.show()
  }

  unshow(key: string): void {
    this.notices.get(key)?.close()
    this.notices.delete(key)
  }

  onWake(woke: () => void): void {
    powerMonitor.on('resume', woke)
    powerMonitor.on('unlock-screen', woke)
  }

  private get page(): Session {
    return session.fromPartition('persist:console')
  }

  /** Another session than the page's: nothing that a page does reaches the API's connections. */
  private get network(): Session {
    return session.fromPartition('api')
  }
}
