import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import type { BrowserWindowConstructorOptions } from 'electron'
import type { Browser, BrowserContext, CDPSession, Page, Request as Asked } from 'playwright-core'
import type { SecretBox } from '../../src/main/account/vault.js'
import { FakeDesktop, FakeWindow, type FakeContents } from '../../src/main/desktop/fake.js'
import { ADDRESS } from '../../src/main/page/address.js'
import { MAIN_WORLD, preloadWorld, WORLD } from './worlds.js'

/**
 * The fake desktop with a real Chromium behind its one window. The page comes from the shell's own handler, by HTTP on the
 * loopback in place of `app://console`; the preload as it was built runs in an isolated world; the rules of the session
 * and of the contents are asked for every request and every way to go.
 */
export class ChromiumDesktop extends FakeDesktop {
  /** What the rules refused: addresses as the shell knows them. */
  readonly refused: string[] = []
  /** Addresses of requests that went out. */
  readonly loaded: string[] = []
  private preloadContext: number | undefined
  private mainFrame = ''
  private shown!: FakeContents

  private constructor(
    userData: string,
    box: SecretBox,
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly cdp: CDPSession,
    private readonly server: Server,
  ) {
    super(userData, box)
  }

  static async open(browser: Browser, userData: string, box: SecretBox, preload: string): Promise<ChromiumDesktop> {
    const server = createServer()
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const context = await browser.newContext({
      colorScheme: 'dark',
      locale: 'en-GB',
      viewport: { width: 1280, height: 800 },
    })
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    const cdp = await context.newCDPSession(page)
    const desktop = new ChromiumDesktop(userData, box, context, page, cdp, server)
    server.on('request', (request, response) => void desktop.mounted(request, response))
    await desktop.join(preload)
    return desktop
  }

  /** Where `app://console` is mounted. */
  get mount(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  override openWindow(options: BrowserWindowConstructorOptions): FakeWindow {
    const { page, mount } = this
    this.shown = this.contents()
    const say = (channel: string, payload: unknown) =>
      void this.inPreload(`__hear(${JSON.stringify(channel)}, ${JSON.stringify(payload)})`)
    const window = new (class extends FakeWindow {
      override async load(address: string): Promise<void> {
        await super.load(address)
        await page.goto(address.replace(ADDRESS, mount))
      }
      override send = say
    })(options, this.shown)
    this.windows.push(window)
    return window
  }

  async close(): Promise<void> {
    await this.context.close()
    this.server.closeAllConnections()
    await new Promise((done) => this.server.close(done))
  }

  /** As the shell would name it. */
  private asTheirs = (address: string) =>
    address.startsWith(`blob:${this.mount}`) ? address.replace(this.mount, ADDRESS) : address.startsWith(`${this.mount}/`) ? ADDRESS + address.slice(this.mount.length) : address // prettier-ignore

  private async join(preload: string): Promise<void> {
    const { cdp, context, page } = this
    await cdp.send('Runtime.enable')
    await cdp.send('Page.enable')
    await cdp.send('Runtime.addBinding', { name: '__ipc', executionContextName: WORLD })
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: MAIN_WORLD })
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: preloadWorld(preload), worldName: WORLD })
    cdp.on('Runtime.executionContextCreated', ({ context: { id, name, auxData } }) => {
      const { frameId } = auxData as { frameId: string }
      if (name === WORLD && frameId === this.mainFrame) this.preloadContext = id
    })
    cdp.on('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId !== undefined) return
      this.mainFrame = frame.id
      this.windows[0]?.leave()
    })
    this.mainFrame = (await cdp.send('Page.getFrameTree')).frameTree.frame.id
    cdp.on('Runtime.bindingCalled', ({ payload, executionContextId }) => void this.carry(payload, executionContextId))
    await context.route('**/*', async (route) => {
      const request = route.request()
      const address = this.asTheirs(request.url())
      const ofWindow = pageOf(request) === page
      // A window of its own: Electron asks before there is one.
      if (!ofWindow) {
        this.shown.opens(address)
        return route.abort('aborted')
      }
      const byPage = request.isNavigationRequest() && this.windows[0]!.loaded.at(-1) !== address
      if ((byPage && !this.shown.goes(address)) || !this.rules!.mayLoad(address)) {
        this.refused.push(address)
        // Not "failed": that would put an error page in the place of ours.
        return route.abort('aborted')
      }
      this.loaded.push(address)
      return route.continue()
    })
    context.on('page', (popup) => {
      if (popup !== page) popup.on('requestfailed', () => void popup.close())
    })
  }
  private async carry(payload: string, contextId: number): Promise<void> {
    const { id, channel, args, url } = JSON.parse(payload) as {
      id: number
      channel: string
      args: unknown[]
      url: string
    }
    const sender = { url: this.asTheirs(url), isMainFrame: contextId === this.preloadContext }
    const settle = await this.wire.invoke(channel, args, sender).then(
      (value) => `__settle(${id}, ${JSON.stringify(value)})`,
      (error: Error) => `__settle(${id}, undefined, ${JSON.stringify(error.message)})`,
    )
    await this.cdp.send('Runtime.evaluate', { expression: settle, contextId }).catch(() => {})
  }

  private async inPreload(expression: string): Promise<void> {
    // A page that is gone hears nothing.
    await this.cdp.send('Runtime.evaluate', { expression, contextId: this.preloadContext! }).catch(() => {})
  }

  /** `protocol.handle`, by HTTP. */
  private async mounted(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = new Headers()
    for (const [name, value] of Object.entries(request.headers)) if (typeof value === 'string') headers.set(name, value)
    const body = ['GET', 'HEAD'].includes(request.method!) ? undefined : (Readable.toWeb(request) as ReadableStream)
    const answer = await this.answer!(
      new Request(ADDRESS + request.url, {
        method: request.method!,
        headers,
        ...(body ? { body, duplex: 'half' } : {}),
      }),
    )
    // A network error is one: no status, no body.
    if (answer.type === 'error') return void request.socket.destroy()
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    if (!answer.body) return void response.end()
    const stream = Readable.fromWeb(answer.body as NodeStream)
    stream.on('error', () => response.destroy())
    response.on('close', () => stream.destroy())
    stream.pipe(response)
  }
}

/** The page that asks; a window that is only being made has none yet. */
function pageOf(request: Asked): Page | undefined {
  try {
    return request.frame().page()
  } catch {
    return undefined
  }
}
