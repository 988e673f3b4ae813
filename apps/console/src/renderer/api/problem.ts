import type { Problem } from './view.js'

/** The code of an answer that is no problem of the API: something else answered. */
export const UNREADABLE = 'unreadable'

/** A "no", or no answer: the one error that every query and every command of the console fails with. */
export class Refusal extends Error {
  constructor(
    readonly problem: Problem,
    /** False when nothing came back: whether it was recorded is then not known. */
    readonly answered: boolean,
  ) {
    super(problem.detail)
    this.name = 'Refusal'
  }
}

/** What a failed request is, whatever it failed with. A body that is not a problem is not believed. */
export function refusalOf(body: unknown, response: Response): Refusal {
  if (isProblem(body)) return new Refusal(body, true)
  return new Refusal(
    {
      type: 'about:blank',
      title: response.statusText || 'Error',
      status: response.status,
      code: UNREADABLE,
      detail: `The API answered ${response.status}, and not in a form that this page can read.`,
      request_id: response.headers.get('x-request-id') ?? '',
    },
    true,
  )
}

/** The network failed: no status, no body. */
export function noAnswer(): Refusal {
  return new Refusal(
    {
      type: 'about:blank',
      title: 'No answer',
      status: 0,
      code: 'no-answer',
      detail: 'The API did not answer. Whether it heard is not known; this page looks again as soon as it can.',
      request_id: '',
    },
    false,
  )
}

/** Any error that reached a pane, as a problem to show. */
export const problemOf = (error: unknown): Problem =>
  error instanceof Refusal
    ? error.problem
    : {
        type: 'about:blank',
        title: 'This page failed',
        status: 0,
        code: 'page',
        detail: error instanceof Error ? error.message : 'Something in this page went wrong.',
        request_id: '',
      }

export const isRefusal = (error: unknown, status: number): boolean =>
  error instanceof Refusal && error.problem.status === status

function isProblem(body: unknown): body is Problem {
  if (body === null || typeof body !== 'object') return false
  const { status, code, detail } = body as Partial<Problem>
  return typeof status === 'number' && typeof code === 'string' && typeof detail === 'string'
}
