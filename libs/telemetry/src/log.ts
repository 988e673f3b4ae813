import pino from 'pino'
import { current } from './context.js'
import { readable } from './readable.js'
import { masked, safe } from './secrets.js'

/** From what on lines are written. */
export const levels = ['debug', 'info', 'warn', 'error', 'fatal'] as const
export type Level = (typeof levels)[number]

/** Further facts of a line, by name; or what went wrong. */
export type Fields = Record<string, unknown> | Error

/** Lines for whoever operates this. No line carries a secret, whatever it was given. */
export type Log = Record<Level, (msg: string, fields?: Fields) => void>

export interface LogOptions {
  /** Which program. */
  name: string
  /** `info` when left out. */
  level?: Level
  /** Where lines go: standard output when left out, for people to read when that is a terminal. */
  write?: (line: string) => void
}

/** A line's own fields: nothing else may have their names. */
const OWN = new Set(['level', 'time', 'name', 'pid', 'msg'])

/**
 * Opens a log: one line of JSON for each thing that is told, with `level`, `time`, `name`, `msg`, and what is known of the
 * request, trace, actor and thing that it is about. Written at once: the last line before a crash is the one that is wanted.
 */
export function openLog({ name, level = 'info', write }: LogOptions): Log {
  const lines = pino(
    {
      level,
      base: { name, pid: process.pid },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: circumstances,
      // Made plain already: pino's own takes an error apart as it was.
      serializers: { err: (plain: unknown) => plain },
    },
    write ? { write: (line: string) => write(line.trimEnd()) } : output(),
  )
  const at =
    (level: Level): Log[Level] =>
    (msg, fields) => {
      if (!lines.isLevelEnabled(level)) return
      lines[level](fieldsOf(fields), masked(msg))
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), fatal: at('fatal') }
}

/** What nobody caught ends the process, as ever; but its last line is one of ours, and shows no secret. */
export function tellTheEnd(log: Log): void {
  process.on('uncaughtException', (error: unknown) => {
    log.fatal('ends: nobody caught this', { err: error })
    process.exit(1)
  })
}

/** Says nothing. */
export const silent: Log = {
  ...{ debug: () => undefined, info: () => undefined, warn: () => undefined },
  ...{ error: () => undefined, fatal: () => undefined },
}

function output(): pino.DestinationStream {
  if (!process.stdout.isTTY) return pino.destination({ dest: 1, sync: true })
  return { write: (line) => void process.stdout.write(`${readable(line.trimEnd())}\n`) }
}

function circumstances(): object {
  const { span, ...known } = current()
  return safe(span ? { ...known, trace_id: span.traceId } : known) as object
}

function fieldsOf(fields: Fields | undefined): object {
  if (!fields) return {}
  if (fields instanceof Error) return { err: safe(fields) }
  return Object.fromEntries(
    Object.entries(safe(fields) as object).filter(([name, value]) => !OWN.has(name) && value !== undefined),
  )
}
