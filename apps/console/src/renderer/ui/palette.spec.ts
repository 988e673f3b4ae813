import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { byUrgency, severities } from './severity.js'

/*
 * The colours that are shipped (tokens.css), held to what they were searched for: readable on their panel, and told
 * apart by everybody. Colour vision after Machado, Oliveira and Fernandes (2009) at full strength; differences are
 * CIEDE2000 (Sharma, Wu and Dalal 2005).
 */

type Rgb = [number, number, number]
type Scheme = 'light' | 'dark'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')

/** What is said again for high contrast; what is not, stays. */
const more = /:root\[data-contrast='more'\] \{([^}]*)\}/.exec(css)?.[1] ?? ''

function colour(token: string, scheme: Scheme, contrast: 'usual' | 'more' = 'usual'): Rgb {
  const text = contrast === 'more' && more.includes(`${token}:`) ? more : css
  const found = new RegExp(`${token}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(text)
  const hex = found?.[scheme === 'light' ? 1 : 2]
  if (hex === undefined) throw new Error(`tokens.css has no ${token}`)
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255) as Rgb
}

const linear = (rgb: Rgb) => rgb.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)) as Rgb
const dot = (a: readonly number[], b: Rgb) => a[0]! * b[0] + a[1]! * b[1] + a[2]! * b[2]
const luminance = (rgb: Rgb) => dot([0.2126, 0.7152, 0.0722], linear(rgb))

function contrast(a: Rgb, b: Rgb): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

const sight: Record<string, number[][]> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

function lab(rgb: Rgb, seen: number[][]): Rgb {
  const light = linear(rgb)
  const through = seen.map((row) => Math.min(1, Math.max(0, dot(row, light)))) as Rgb
  const [x, y, z] = [
    dot([0.4124564, 0.3575761, 0.1804375], through) / 0.95047,
    dot([0.2126729, 0.7151522, 0.072175], through),
    dot([0.0193339, 0.119192, 0.9503041], through) / 1.08883,
  ].map((t) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116)) as Rgb
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

function deltaE([l1, a1, b1]: Rgb, [l2, a2, b2]: Rgb): number {
  const rad = Math.PI / 180
  const c7 = ((Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2) ** 7
  const g = 1.5 - 0.5 * Math.sqrt(c7 / (c7 + 25 ** 7))
  const [p1, p2] = [a1 * g, a2 * g]
  const [c1, c2] = [Math.hypot(p1, b1), Math.hypot(p2, b2)]
  const [h1, h2] = [Math.atan2(b1, p1) / rad, Math.atan2(b2, p2) / rad].map((h) => (h + 360) % 360) as [number, number]
  const turn = c1 * c2 === 0 ? 0 : ((h2 - h1 + 540) % 360) - 180
  const dH = 2 * Math.sqrt(c1 * c2) * Math.sin((turn / 2) * rad)
  const [l, c] = [(l1 + l2) / 2, (c1 + c2) / 2]
  const h = c1 * c2 === 0 ? h1 + h2 : (h1 + turn / 2 + 360) % 360
  const t =
    1 -
    0.17 * Math.cos((h - 30) * rad) +
    0.24 * Math.cos(2 * h * rad) +
    0.32 * Math.cos((3 * h + 6) * rad) -
    0.2 * Math.cos((4 * h - 63) * rad)
  const sl = 1 + (0.015 * (l - 50) ** 2) / Math.sqrt(20 + (l - 50) ** 2)
  const [sc, sh] = [1 + 0.045 * c, 1 + 0.015 * c * t]
  const rt = -2 * Math.sqrt(c ** 7 / (c ** 7 + 25 ** 7)) * Math.sin(60 * Math.exp(-(((h - 275) / 25) ** 2)) * rad)
  const [x, y, z] = [(l2 - l1) / sl, (c2 - c1) / sc, dH / sh]
  return Math.sqrt(x * x + y * y + z * z + rt * y * z)
}

const levels = [...Object.values(severities).map(({ token }) => token), '--ok']
const schemes: Scheme[] = ['light', 'dark']

test('the difference of two colours is that of the published test data', () => {
  expect(deltaE([50, 2.6772, -79.7751], [50, 0, -82.7485])).toBeCloseTo(2.0425, 4)
  expect(deltaE([50, 2.5, 0], [73, 25, -18])).toBeCloseTo(27.1492, 4)
  expect(deltaE([2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514])).toBeCloseTo(0.9082, 4)
})

test.each(schemes)('every severity is readable on page and panel, %s', (scheme) => {
  for (const token of levels)
    for (const ground of ['--page', '--panel'])
      expect(contrast(colour(token, scheme), colour(ground, scheme)), `${token} on ${ground}`).toBeGreaterThanOrEqual(
        4.5,
      )
})

test.each(schemes.flatMap((scheme) => Object.keys(sight).map((eyes) => [scheme, eyes] as const)))(
  'no two severities look alike, %s, %s vision',
  (scheme, eyes) => {
    const seen = levels.map((token) => lab(colour(token, scheme), sight[eyes]!))
    for (const [i, one] of seen.entries())
      for (const [j, other] of seen.slice(i + 1).entries())
        expect(deltaE(one, other), `${levels[i]} and ${levels[i + 1 + j]}`).toBeGreaterThanOrEqual(15)
  },
)

test.each(schemes)('text and controls are readable where they stand, %s', (scheme) => {
  const pairs = [
    ...['--text', '--dim', '--accent', '--gone', '--come'].flatMap((ink) =>
      ['--page', '--panel', '--raised'].map((ground) => [ink, ground] as const),
    ),
    ['--on-accent', '--accent'],
    ['--on-armed', '--armed'],
    ['--on-sandbox', '--sandbox'],
  ] as const
  for (const [ink, ground] of pairs)
    expect(contrast(colour(ink, scheme), colour(ground, scheme)), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5)
})

test.each(schemes)('in high contrast whatever is read stands at 7:1, and lines at 3:1, %s', (scheme) => {
  for (const ink of [...levels, '--text', '--dim', '--accent', '--gone', '--come'])
    for (const ground of ['--page', '--panel'])
      expect(
        contrast(colour(ink, scheme, 'more'), colour(ground, scheme, 'more')),
        `${ink} on ${ground}`,
      ).toBeGreaterThanOrEqual(7)
  expect(contrast(colour('--line', scheme, 'more'), colour('--panel', scheme, 'more'))).toBeGreaterThanOrEqual(3)
})

test('a severity is a shape and a word of its own', () => {
  const all = Object.values(severities)
  expect(new Set(all.map(({ shape }) => shape)).size).toBe(all.length)
  expect(new Set(all.map(({ word }) => word)).size).toBe(all.length)
})

test('the worst stands first, and the newest of equals', () => {
  const at = (severity: keyof typeof severities, opened_at: string) => ({ severity, opened_at })
  const list = [
    at('SEV3', '2026-11-23T03:00:00Z'),
    at('SEV1', '2026-11-23T01:00:00Z'),
    at('SEV1', '2026-11-23T02:00:00Z'),
  ]
  expect(list.sort(byUrgency).map((one) => one.severity + one.opened_at.slice(11, 13))).toEqual([
    'SEV102',
    'SEV101',
    'SEV303',
  ])
})
