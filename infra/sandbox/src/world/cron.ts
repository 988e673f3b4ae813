/** A schedule as cron writes it, read: which minutes, hours, days, months and weekdays it names. */
export interface Schedule {
  minutes: ReadonlySet<number>
  hours: ReadonlySet<number>
  days: ReadonlySet<number>
  months: ReadonlySet<number>
  weekdays: ReadonlySet<number>
  /** With both a day and a weekday restricted, either is enough. That is cron's rule. */
  eitherDay: boolean
}

const BOUNDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const

const SHORT: Record<string, string> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
}

/** Reads five fields of numbers, lists, ranges and steps; `undefined` when it is anything else. No names of days. */
export function readSchedule(text: unknown): Schedule | undefined {
  if (typeof text !== 'string') return undefined
  const fields = (SHORT[text] ?? text).trim().split(/\s+/)
  if (fields.length !== 5) return undefined
  const [minutes, hours, days, months, weekdays] = fields.map((field, at) => readField(field, BOUNDS[at]!))
  if (!minutes || !hours || !days || !months || !weekdays) return undefined
  if (weekdays.has(7)) weekdays.add(0)
  return { minutes, hours, days, months, weekdays, eitherDay: fields[2] !== '*' && fields[4] !== '*' }
}

function readField(field: string, [least, most]: readonly [number, number]): Set<number> | undefined {
  const values = new Set<number>()
  for (const part of field.split(',')) {
    const found = /^(?:\*|(?<from>\d+)(?:-(?<to>\d+))?)(?:\/(?<step>\d+))?$/.exec(part)?.groups
    if (!found) return undefined
    const step = Number(found.step ?? 1)
    const from = Number(found.from ?? least)
    const to = Number(found.to ?? (found.from === undefined || found.step !== undefined ? most : from))
    if (step < 1 || from < least || to > most || from > to) return undefined
    for (let value = from; value <= to; value += step) values.add(value)
  }
  return values
}

/** Does the schedule name the minute that `ms` (since 1970, UTC) lies in? */
export function isDue({ minutes, hours, days, months, weekdays, eitherDay }: Schedule, ms: number): boolean {
  const date = new Date(ms)
  const [day, weekday] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())]
  return (
    minutes.has(date.getUTCMinutes()) &&
    hours.has(date.getUTCHours()) &&
    months.has(date.getUTCMonth() + 1) &&
    (eitherDay ? day || weekday : day && weekday)
  )
}
