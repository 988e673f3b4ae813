import { refusals } from '@firebreak/flow'
import { rights, type Right } from '../../src/http/rights.js'
import { problem } from '../../src/http/view.js'
import type { Request, Route } from './requests.js'

/** What came back. */
export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** Words that only one person's answers may have in them; `undefined`: nobody's. */
export interface Canary {
  text: string
  of: string | undefined
  /** May stand in the entries of the log, and nowhere else. */
  inTheLog?: boolean
}

const INSIDE =
  /node_modules|\.[tj]s:\d+:\d+|\n {4}at |at async |QueryFailedError|ECONNREFUSED|\bflow\.\w+ |postgres(?:ql)?:\/\//

/** What is wrong with an answer, in sentences; none when it is as it has to be. */
export function faultsOf(
  request: Pick<Request, 'asker' | 'method' | 'url'>,
  answer: Answer,
  routes: readonly Route[],
  canaries: readonly Canary[],
): string[] {
  const { asker, method, url } = request
  const { headers, status, text } = answer
  const faults: string[] = []
  const code = status >= 400 && status !== 404 && method === 'HEAD' ? undefined : codeOf(answer)
  if (status >= 500 && !(status === 503 && code === 'overloaded')) faults.push(`${status} ${code ?? ''}`)
  if (status < 200 || status === 101) faults.push(`answers ${status}`)
  if (INSIDE.test(text)) faults.push('shows its inside')
  for (const canary of canaries)
    if (canary.of !== asker.person && text.includes(canary.text))
      faults.push(`has what is ${canary.of === undefined ? 'nobody’s to see' : `${canary.of}’s`}`)
  if (headers['x-request-id'] === undefined) faults.push('bears no request id')
  if (headers['x-content-type-options'] !== 'nosniff' || !headers['content-security-policy'])
    faults.push('bears no security headers')

  if (status >= 400) {
    if (method === 'HEAD') return faults
    const known = problem.safeParse(json(text))
    if (!String(headers['content-type']).startsWith('application/problem+json') || !known.success)
      faults.push('is no problem+json')
    else if (!(known.data.code in refusals) && status < 500) faults.push(`has the code ${known.data.code}`)
    else if (known.data.status !== status) faults.push(`says ${known.data.status} and means ${status}`)
    return faults
  }
  const right = rightAt(method, url, routes)
  if (right === undefined) {
    if (json(text) !== undefined && text !== '') faults.push('answers where there is nothing')
    return faults
  }
  if (rights[right] === 'anyone') return faults
  if (!asker.may.has(right)) faults.push(`gives ${right} to ${asker.name}`)
  if (asker.onlyReads && method !== 'GET' && method !== 'HEAD') faults.push(`lets another site do ${right}`)
  return faults
}

/** The right of the route that a request meets. */
export function rightAt(method: string, url: string, routes: readonly Route[]): Right | undefined {
  const path = url.split(/[?#]/)[0]!
  const met = routes.filter(
    (route) => (route.method === method || (method === 'HEAD' && route.method === 'GET')) && route.pattern.test(path),
  )
  // What is named comes before what has a place held for it.
  return met.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0]?.operation['x-right']
}

const codeOf = ({ text }: Answer): string | undefined => (json(text) as { code?: string } | undefined)?.code

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
