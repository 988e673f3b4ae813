import { styleText } from 'node:util'

const colours: Record<string, Parameters<typeof styleText>[0]> = {
  debug: 'dim',
  warn: 'yellow',
  error: 'red',
  fatal: 'red',
}

interface Line {
  level: string
  time: string
  name: string
  msg: string
  err?: { stack?: string; message?: string }
  [field: string]: unknown
}

/**
 * A line of a log as a person reads it: time, who, what, and what it is about. Whatever is no line of ours stays as it is.
 * No text in it can begin a line: one that tries is spelled out, and those of a stack are set in.
 */
export function readable(text: string): string {
  const line = parsed(text)
  if (!line) return text
  const { level, time, name, msg, err, ...fields } = line
  const told = Object.entries(fields).filter(([field]) => field !== 'pid').map(([field, value]) => `${field}=${typeof value === 'string' ? value : JSON.stringify(value)}`) // prettier-ignore
  const stack = (err?.stack ?? err?.message)?.split(/\r?\n/).map((one) => `\n    ${onOneLine(one)}`)
  const what = level === 'info' ? '' : `${styleText(colours[level] ?? 'bold', level)} `
  const behind = told.length > 0 ? `  ${styleText('dim', onOneLine(told.join(' ')))}` : ''
  return `${styleText('dim', time.slice(11, 23))} ${name} ${what}${onOneLine(msg)}${behind}${(stack ?? []).join('')}`
}

function parsed(text: string): Line | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const line = JSON.parse(text) as Partial<Record<string, unknown>>
    const ours = ['level', 'time', 'name', 'msg'].every((field) => typeof line[field] === 'string')
    return ours ? (line as Line) : undefined
  } catch {
    return undefined
  }
}

/** Control characters spelled out. */
const onOneLine = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (one) =>
    one === '\n' ? '\\n' : one === '\t' ? ' ' : `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
