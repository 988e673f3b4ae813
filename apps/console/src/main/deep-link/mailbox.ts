import type { Place } from '../../bridge/surface.js'

/**
 * Where the page is to go, from whenever that is known until the page listens. Each place is handed over once; the
 * latest wins, for nobody wants to be led through three pages.
 */
export class Mailbox {
  private waiting: Place | undefined
  private tell: ((place: Place) => void) | undefined

  put(place: Place): void {
    if (this.tell) this.tell(place)
    else this.waiting = place
  }

  /** The page listens from now on; answers what came before. */
  listen(tell: (place: Place) => void): Place | undefined {
    this.tell = tell
    const place = this.waiting
    this.waiting = undefined
    return place
  }

  /** The page is being loaded anew, or is gone. */
  deaf(): void {
    this.tell = undefined
  }
}
