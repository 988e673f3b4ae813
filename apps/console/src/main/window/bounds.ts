import { z } from 'zod'

/** Of a window or a screen, in its own points. */
export interface Bounds {
  x?: number
  y?: number
  width: number
  height: number
}
export type Screen = Required<Bounds>

export const FIRST: Bounds = { width: 1280, height: 800 }
/** Less of it on a screen, and nobody finds it there. */
const SEEN = 0.8

const saved = z.strictObject({
  x: z.int(),
  y: z.int(),
  width: z.int().min(720).max(16_384),
  height: z.int().min(480).max(16_384),
})

/** Where the window was, when that is still somewhere: a screen may be gone. Anything unreadable is the first start. */
export function restoredBounds(text: string | undefined, screens: readonly Screen[]): Bounds {
  const bounds = saved.safeParse(parsed(text)).data
  if (!bounds) return FIRST
  const area = bounds.width * bounds.height
  return screens.some((screen) => overlap(bounds, screen) >= SEEN * area) ? bounds : FIRST
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}

const overlap = (a: Screen, b: Screen): number =>
  shared(a.x, a.width, b.x, b.width) * shared(a.y, a.height, b.y, b.height)
const shared = (a: number, la: number, b: number, lb: number): number =>
  Math.max(0, Math.min(a + la, b + lb) - Math.max(a, b))
