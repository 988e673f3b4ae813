import type { Log } from './log.js'

/**
 * What the framework says, in our lines: Nest's `LoggerService`. What it tells of its own start is of interest to nobody who
 * operates this, so that is `debug`.
 */
export class NestLog {
  constructor(private readonly lines: Log) {}

  log = (message: unknown, ...more: unknown[]): void => this.lines.debug(textOf(message), contextOf(more))
  debug = this.log
  verbose = this.log
  warn = (message: unknown, ...more: unknown[]): void => this.lines.warn(textOf(message), contextOf(more))
  error = (message: unknown, ...more: unknown[]): void => this.lines.error(textOf(message), errorOf(message, more))
  fatal = (message: unknown, ...more: unknown[]): void => this.lines.fatal(textOf(message), errorOf(message, more))
}

const textOf = (message: unknown): string =>
  message instanceof Error ? message.message : typeof message === 'string' ? message : JSON.stringify(message)

/** Nest says which part of it speaks as the last parameter. */
function contextOf(more: unknown[]): Record<string, unknown> {
  const part = more.at(-1)
  return typeof part === 'string' ? { part } : {}
}

/** A stack comes as text behind the message, or in an error. */
function errorOf(message: unknown, more: unknown[]): Record<string, unknown> {
  if (message instanceof Error) return { ...contextOf(more), err: message }
  const error = more.find((one) => one instanceof Error)
  const stack = more.find((one): one is string => typeof one === 'string' && one.includes('\n    at '))
  const part = more.at(-1)
  return {
    ...(typeof part === 'string' && part !== stack ? { part } : {}),
    ...(error ? { err: error } : stack !== undefined ? { err: { stack } } : {}),
  }
}
