import type { BrowserWindowConstructorOptions, MenuItemConstructorOptions } from 'electron'
import { SecretBox } from '../account/vault.js'
import { Wire, type Sender } from '../bridge/register.js'
import type { Notice } from '../notices/policy.js'
import type { Screen } from '../window/bounds.js'
import { Contents, Desktop, Window, type Question, type SessionRules } from './desktop.js'

/** The bridge without a carrier: a test says who sends what. */
export class FakeWire extends Wire {
  private readonly answers = new Map<string, (sender: Sender, args: unknown[]) => Promise<unknown>>()

  get channels(): string[] {
    return [...this.answers.keys()]
  }

  handle(channel: string, answer: (sender: Sender, args: unknown[]) => Promise<unknown>): void {
    if (this.answers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
    this.answers.set(channel, answer)
  }

  async invoke(channel: string, args: unknown[], sender: Sender): Promise<unknown> {
    const answer = this.answers.get(channel)
    if (!answer) throw new Error(`No handler registered for '${channel}'`)
    return answer(sender, args)
  }
}

/** Contents that go where the rules let them. */
export class FakeContents extends Contents {
  webviews = true
  private readonly rules: ((address: string) => boolean)[] = []
  private pressed: ((address: string) => void) | undefined

  onNavigate(may: (address: string) => boolean): void {
    this.rules.push(may)
  }
  onNewWindow(pressed: (address: string) => void): void {
    this.pressed = pressed
  }
  refuseWebviews(): void {
    this.webviews = false
  }

  /** Whether a page may go there by itself. */
  goes = (address: string): boolean => this.rules.every((may) => may(address))
  /** A link with a target of its own. Answers whether a window came of it: never once there is a rule. */
  opens(address: string): boolean {
    this.pressed?.(address)
    return this.pressed === undefined
  }
}

export class FakeWindow extends Window {
  loaded: string[] = []
  revealed = 0
  sent: { channel: string; payload: unknown }[] = []
  count = 0
  at: Screen = { x: 10, y: 20, width: 1280, height: 800 }
  private left: (() => void)[] = []
  private trouble: ((what: 'crashed' | 'stands still') => void) | undefined
  private closing: (() => void) | undefined

  constructor(
    readonly options: BrowserWindowConstructorOptions,
    readonly contents: FakeContents,
  ) {
    super()
  }

  async load(address: string): Promise<void> {
    this.leave()
    this.loaded.push(address)
  }
  reveal = () => void this.revealed++
  send = (channel: string, payload: unknown) => void this.sent.push({ channel, payload })
  setCount = (count: number) => void (this.count = count)
  bounds = () => this.at
  onLeave = (left: () => void) => void this.left.push(left)
  onTrouble = (happened: (what: 'crashed' | 'stands still') => void) => void (this.trouble = happened)
  onClose = (closing: () => void) => void (this.closing = closing)

  /** The page is loaded anew. */
  leave = () => this.left.forEach((tell) => tell())
  crash = (what: 'crashed' | 'stands still' = 'crashed') => this.trouble?.(what)
  close = () => this.closing?.()
}

/** A desktop in memory. Its windows show nothing; `e2e/shell` puts a Chromium behind them. */
export class FakeDesktop extends Desktop {
  readonly version = '0.1.0'
  readonly platform = 'linux'
  packaged = false
  readonly wire = new FakeWire()
  first = true
  ended = false
  claimed: string[] = []
  menu: MenuItemConstructorOptions[] = []
  windows: FakeWindow[] = []
  opened: string[] = []
  asked: Question[] = []
  /** The button that the person presses. */
  presses: (question: Question) => number = ({ buttons }) => buttons.length - 1
  readonly notices = new Map<string, Notice & { press(): void }>()
  wiped = 0
  rules: SessionRules | undefined
  answer: ((request: Request) => Promise<Response>) | undefined
  private made: ((contents: Contents) => void)[] = []
  private started: ((argv: string[]) => void) | undefined
  private linked: ((link: string) => void) | undefined
  private woke: (() => void) | undefined

  constructor(
    readonly userData: string,
    readonly box: SecretBox,
  ) {
    super()
  }

  isFirst = () => this.first
  quit = () => void (this.ended = true)
  ready = async () => {}
  fetch = (request: Request) => fetch(request)
  wipe = async () => void this.wiped++
  screens = (): Screen[] => [{ x: 0, y: 0, width: 1920, height: 1080 }]
  onSecondStart = (started: (argv: string[]) => void) => void (this.started = started)
  onLink = (opened: (link: string) => void) => void (this.linked = opened)
  claimLinks = (scheme: string) => void this.claimed.push(scheme)
  serve = (answer: (request: Request) => Promise<Response>) => void (this.answer = answer)
  rule = (rules: SessionRules) => void (this.rules = rules)
  onContents = (made: (contents: Contents) => void) => void this.made.push(made)
  setMenu = (template: MenuItemConstructorOptions[]) => void (this.menu = template)
  openExternal = async (address: string) => void this.opened.push(address)
  onWake = (woke: () => void) => void (this.woke = woke)

  openWindow(options: BrowserWindowConstructorOptions): FakeWindow {
    const window = new FakeWindow(options, this.contents())
    this.windows.push(window)
    return window
  }

  async ask(question: Question): Promise<number> {
    this.asked.push(question)
    return this.presses(question)
  }
  show = (notice: Notice, press: () => void) => void this.notices.set(notice.key, { ...notice, press })
  unshow = (key: string) => void this.notices.delete(key)

  /** Contents that nobody of ours made. */
  contents(): FakeContents {
    const contents = new FakeContents()
    this.made.forEach((tell) => tell(contents))
    return contents
  }
  startAgain = (...argv: string[]) => this.started?.(['firebreak', ...argv])
  link = (link: string) => this.linked?.(link)
  wake = () => this.woke?.()
}
