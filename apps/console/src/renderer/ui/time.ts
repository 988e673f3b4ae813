/** In which zone times are shown: the device's own, or UTC. */
export type Zone = 'local' | 'UTC'

const zoneOf = (zone: Zone): string | undefined => (zone === 'UTC' ? 'UTC' : undefined)

/** `Europe/Kyiv`, or `UTC`. */
export const zoneName = (zone: Zone): string =>
  zoneOf(zone) ?? new Intl.DateTimeFormat('en-GB').resolvedOptions().timeZone

const formats = new Map<string, Intl.DateTimeFormat>()
function format(zone: Zone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options)
  const known = formats.get(key)
  if (known) return known
  const timeZone = zoneOf(zone)
  const made = new Intl.DateTimeFormat('en-GB', { ...options, ...(timeZone ? { timeZone } : {}) })
  formats.set(key, made)
  return made
}

const OF_DAY = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const
const DAY = { day: 'numeric', month: 'short' } as const

/** `03:07:12`. */
export const clock = (at: Date, zone: Zone): string => format(zone, OF_DAY).format(at)

/** `03:07`: a moment on an axis, where there is room for no more. */
export const minute = (at: Date, zone: Zone): string => clock(at, zone).slice(0, 5)

/** `22 Nov`. */
export const day = (at: Date, zone: Zone): string => format(zone, DAY).format(at)

/** The offset at that moment, which a change of summer time moves: `GMT+2`, or `UTC`. */
export const offset = (at: Date, zone: Zone): string =>
  zone === 'UTC'
    ? 'UTC'
    : (format(zone, { timeZoneName: 'shortOffset' })
        .formatToParts(at)
        .find(({ type }) => type === 'timeZoneName')?.value ?? '')

/** `03:07:12`, with the day before it when that is not today: `22 Nov 23:58:01`. */
export function stamp(at: Date, zone: Zone, now: Date): string {
  return day(at, zone) === day(now, zone) ? clock(at, zone) : `${day(at, zone)} ${clock(at, zone)}`
}

/** A time as it is copied and read aloud, whatever zone is shown: `2026-11-23 01:07:12 UTC`. */
export const exact = (at: Date): string =>
  at
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC')

/** How long, in one unit that a tired person can hold: `12 s`, `4 min`, `3 h`, `2 d`. */
export function span(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1_000))
  if (s < 100) return `${s} s`
  if (s < 100 * 60) return `${Math.round(s / 60)} min`
  if (s < 48 * 3_600) return `${Math.round(s / 3_600)} h`
  return `${Math.round(s / 86_400)} d`
}
