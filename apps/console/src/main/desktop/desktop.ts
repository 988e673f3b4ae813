import type { BrowserWindowConstructorOptions, MenuItemConstructorOptions } from 'electron'
import type { SecretBox } from '../account/vault.js'
import type { Wire } from '../bridge/register.js'
import type { Notice } from '../notices/policy.js'
import type { Screen } from '../window/bounds.js'

/** Any contents that Electron shows, also such as we did not make. */
export abstract class Contents {
  /** `may` is asked before any frame goes anywhere, by itself or by a redirect; false keeps it where it is. */
  abstract onNavigate(may: (address: string) => boolean): void
  /** A link wants a window of its own. It never gets one; `pressed` hears of it. */
  abstract onNewWindow(pressed: (address: string) => void): void
  abstract refuseWebviews(): void
}

/** Our window. */
export abstract class Window {
  abstract load(address: string): Promise<void>
  abstract reveal(): void
  abstract send(channel: string, payload: unknown): void
  abstract setCount(count: number): void
  abstract bounds(): Screen
  /** The page is loaded anew, or something else in its place. */
  abstract onLeave(left: () => void): void
  abstract onTrouble(happened: (what: 'crashed' | 'stands still') => void): void
  abstract onClose(closing: () => void): void
}

/** What may happen in the session that shows the page. */
export interface SessionRules {
  permission(name: string, address: string): boolean
  mayLoad(address: string): boolean
  mayDownload(address: string): boolean
}

export interface Question {
  message: string
  detail: string
  buttons: string[]
}

/** Electron, as far as the shell uses it. Its fake stands beside it, and `contract.ts` says what both do. */
export abstract class Desktop {
  abstract readonly version: string
  abstract readonly platform: NodeJS.Platform
  abstract readonly packaged: boolean
  /** The folder of this person's own. */
  abstract readonly userData: string
  abstract readonly box: SecretBox
  abstract readonly wire: Wire

  /** True for the first of this person's shells; the others tell it their arguments by that, and end. */
  abstract isFirst(): boolean
  abstract onSecondStart(started: (argv: string[]) => void): void
  /** macOS hands links over like this. */
  abstract onLink(opened: (link: string) => void): void
  abstract claimLinks(scheme: string): void
  abstract ready(): Promise<void>
  abstract quit(): void

  abstract serve(answer: (request: Request) => Promise<Response>): void
  abstract rule(rules: SessionRules): void
  /** The network of the system, with its certificates; no cookies, no redirects. */
  abstract fetch(request: Request): Promise<Response>
  /** What pages have stored here. */
  abstract wipe(): Promise<void>

  abstract onContents(made: (contents: Contents) => void): void
  abstract openWindow(options: BrowserWindowConstructorOptions): Window
  abstract setMenu(template: MenuItemConstructorOptions[]): void
  abstract screens(): Screen[]

  /** Answers the button's number; the last one when the box was closed. */
  abstract ask(question: Question): Promise<number>
  abstract show(notice: Notice, pressed: () => void): void
  abstract unshow(key: string): void
  abstract openExternal(address: string): Promise<void>
  /** The device slept, or was locked. */
  abstract onWake(woke: () => void): void
}
