import type { SmokeCheck, SmokeSuite } from './directory.js'
import { excerpt } from './excerpt.js'
import { PortFailure, type SmokeAnswer, type SmokeReader } from './ports.js'
import type { Json } from './verb.js'

/*
 * What smoke tests say, decided without looking: how one answer is judged, and what of a suite is worse than it was. The
 * recipes that ask a service whether it is well before and after a change share it.
 */

/** A value that is longer is too long to be kept in a plan, and so to be compared. */
const MOST_VALUE = 200
/** A service that hangs would hang for each of its checks. */
const MOST_TIMEOUTS = 2

/** What one check came to. */
export type CheckResult = {
  check: string
  /** What was asked and what was expected, in one line: two results are compared only where it is the same. */
  asks: string
  passed: boolean
  says: string
  /** `null` where there was no answer. */
  code: number | null
  took_ms: number | null
  /** Of the fields that must be the same after a change: their values as text, without what looks like a secret. */
  golden: { [path: string]: string }
}

/** Asks all checks of a suite, in their order. That the house or the worker's settings do not fit is thrown. */
export async function askSuite(smoke: SmokeReader, suite: SmokeSuite): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  let timeouts = 0
  for (const check of suite.checks) {
    if (timeouts >= MOST_TIMEOUTS) {
      results.push(unanswered(check, `was not asked, for ${timeouts} others had no answer in time`))
      continue
    }
    try {
      results.push(judged(check, await smoke.ask(suite.name, check.name)))
    } catch (error) {
      // Not known, or not allowed: that is said of us and not of the service.
      if (!(error instanceof PortFailure) || error.kind === 'not-found' || error.kind === 'forbidden') throw error
      if (error.kind === 'timeout') timeouts++
      results.push(unanswered(check, FAILED[error.kind] ?? `could not be asked (${error.kind})`))
    }
  }
  return results
}

const FAILED: Partial<Record<PortFailure['kind'], string>> = {
  timeout: 'had no answer in time',
  unreachable: 'could not be reached, or broke off in the middle of its answer',
  invalid: 'answered more than is read',
}

/** What an answer is worth. What the service wrote is kept only where a field of it was asked for. */
export function judged(check: SmokeCheck, { status, text, took_ms }: SmokeAnswer): CheckResult {
  const wants = Object.entries(check.fields)
  const json = wants.length + check.same.length > 0 ? parsed(text) : undefined
  const golden: Record<string, string> = {}
  const faults: string[] = []
  if (status !== check.status)
    faults.push(
      `answered ${status}${REDIRECT.has(status) ? ' (a redirect, which is not followed)' : ''}, not ${check.status}`,
    )
  // Whoever answers something else altogether has said enough with its code.
  else if (json === undefined && wants.length + check.same.length > 0) faults.push('answered what is no JSON')
  else {
    for (const [path, wanted] of wants) {
      const value = valueAt(json, path)
      if (value !== wanted) faults.push(`${path} is ${quoted(value)}, not ${quoted(wanted)}`)
    }
    for (const path of check.same) {
      const value = valueAt(json, path)
      if (value === undefined) faults.push(`has no ${path}`)
      else if (value.length > MOST_VALUE)
        faults.push(`${path} is longer than ${MOST_VALUE} letters: too long to be compared`)
      else golden[path] = excerpt(value, MOST_VALUE)
    }
  }
  if (took_ms > check.within_ms) faults.push(`took ${took_ms} ms, more than ${check.within_ms} ms`)
  return {
    ...nameOf(check),
    passed: faults.length === 0,
    says: faults.length === 0 ? `answered ${status} in ${took_ms} ms, as expected` : faults.join('; '),
    code: status,
    took_ms,
    golden,
  }
}

/** What of a suite fails, a sentence each. */
export const failuresOf = (results: readonly CheckResult[]): string[] =>
  results.filter(({ passed }) => !passed).map(({ check, says }) => `${check} ${says}`)

/**
 * What is worse after a change than it was before it, a sentence each; nothing where the change did no harm that the suite
 * can see. A check that is not there any more, or that asks something else, cannot be compared, and counts as worse.
 */
export function worseThan(before: readonly CheckResult[], after: readonly CheckResult[]): string[] {
  const was = new Map(before.map((result) => [result.check, result]))
  const now = new Set(after.map(({ check }) => check))
  return [
    ...after.flatMap((result) => {
      const { check, passed, says, asks, golden } = result
      const then = was.get(check)
      if (!passed)
        return [
          `${check} ${says}${then === undefined ? ' (it is new)' : then.passed ? '' : ' (it failed before, too)'}`,
        ]
      if (then === undefined) return [`${check} is new: what it answered before is not known`]
      if (then.asks !== asks) return [`${check} asks something else than before: it cannot be compared`]
      return Object.keys({ ...then.golden, ...golden }).flatMap((path) =>
        then.golden[path] === golden[path]
          ? []
          : [`${check} answers ${path} ${quoted(golden[path])}, where it was ${quoted(then.golden[path])} before`],
      )
    }),
    ...before.flatMap(({ check }) => (now.has(check) ? [] : [`${check} is not asked any more: it cannot be compared`])),
  ]
}

const REDIRECT: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

const unanswered = (check: SmokeCheck, says: string): CheckResult => ({
  ...nameOf(check),
  ...{ passed: false, says, code: null, took_ms: null, golden: {} },
})

const nameOf = (check: SmokeCheck): Pick<CheckResult, 'check' | 'asks'> => {
  const { name, method, path, body, status, fields, same } = check
  const wants = Object.entries(fields).map(([at, value]) => `${at}=${value}`)
  const line = [
    `${method} ${path}`,
    body ?? '',
    `→ ${status}`,
    ...wants,
    same.length > 0 ? `same ${same.join(' ')}` : '',
  ]
  return { check: name, asks: excerpt(line.filter((word) => word !== '').join(' '), 500) }
}

/** The text, number, or yes or no at a path (`a.b`, `items.0.label`); what is made of several is given as JSON. */
function valueAt(json: unknown, path: string): string | undefined {
  let at: unknown = json
  for (const key of path.split('.')) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, key)) return undefined
    at = (at as Record<string, Json>)[key]
  }
  if (typeof at === 'string') return at
  try {
    return JSON.stringify(at)
  } catch {
    // Deeper than can be written down: no check asks for that.
    return undefined
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const quoted = (value: string | undefined): string =>
  value === undefined ? 'not there' : JSON.stringify(excerpt(value, 80))
