/** `meta/v1 Status`: how the Kubernetes API says that something went wrong. */
export interface Status {
  kind: 'Status'
  apiVersion: 'v1'
  metadata: Record<string, never>
  status: 'Failure' | 'Success'
  message?: string
  reason?: string
  details?: { name?: string; group?: string; kind?: string; uid?: string; retryAfterSeconds?: number; causes?: Cause[] }
  code: number
}

export interface Cause {
  reason: string
  message: string
  field: string
}

/** What the error is about, in the API's words: `deployments.apps "api"`. */
export interface About {
  group: string
  plural: string
  name?: string
}

/** A refusal of the API server. */
export class Refusal extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    readonly details?: Status['details'],
  ) {
    super(message)
  }

  get status(): Status {
    const { code, reason, message, details } = this
    const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code } as const
    return details ? { ...status, details } : status
  }
}

const named = ({ group, plural }: About) => (group ? `${plural}.${group}` : plural)
const detailed = ({ group, plural, name }: About, causes?: Cause[]) => ({
  ...(name === undefined ? {} : { name }),
  ...(group ? { group } : {}),
  kind: plural,
  ...(causes ? { causes } : {}),
})

export const badRequest = (message: string) => new Refusal(400, 'BadRequest', message)
export const unauthorized = () => new Refusal(401, 'Unauthorized', 'Unauthorized')
export const forbidden = (about: About, user: string, verb: string, namespace: string, why = '') =>
  new Refusal(
    403,
    'Forbidden',
    `${named(about)}${about.name ? ` "${about.name}"` : ''} is forbidden: User "${user}" cannot ${verb} resource ` +
      `"${about.plural}" in API group "${about.group}" ${namespace ? `in the namespace "${namespace}"` : 'at the cluster scope'}${why}`,
    detailed(about),
  )
export const notFound = (about: About) =>
  new Refusal(404, 'NotFound', `${named(about)} "${about.name ?? ''}" not found`, detailed(about))
export const gone = (message: string) => new Refusal(410, 'Expired', message)
export const noSuchPath = () => new Refusal(404, 'NotFound', 'the server could not find the requested resource')
export const notAllowed = () =>
  new Refusal(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource')
export const alreadyExists = (about: About) =>
  new Refusal(409, 'AlreadyExists', `${named(about)} "${about.name ?? ''}" already exists`, detailed(about))
export const conflict = (
  about: About,
  why = 'the object has been modified; please apply your changes to the latest version and try again',
) =>
  new Refusal(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${named(about)} "${about.name ?? ''}": ${why}`,
    detailed(about),
  )
export const nothingRuns = (what: string, pod: string) =>
  new Refusal(403, 'Forbidden', `pods "${pod}" is forbidden: this is a simulator, nothing runs in a pod: no ${what}`, {
    name: pod,
    kind: 'pods',
  })
export const tooLarge = () => new Refusal(413, 'RequestEntityTooLarge', 'the request is larger than one mebibyte')
export const unsupported = (message: string) => new Refusal(415, 'UnsupportedMediaType', message)
export const invalid = (kind: string, about: About, causes: Cause[]) =>
  new Refusal(
    422,
    'Invalid',
    `${kind}${about.group ? `.${about.group}` : ''} "${about.name ?? ''}" is invalid: ` +
      causes.map(({ field, message }) => `${field}: ${message}`).join(', '),
    { ...detailed(about, causes), kind },
  )
export const unavailable = () =>
  new Refusal(503, 'ServiceUnavailable', 'the server is currently unable to handle the request (simulated)')

/** What nobody said and a test, or a fault, wants to hear. */
const onDemand: Record<number, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

/** A refusal for no other reason than that it was asked for; `undefined` for a code that the API does not use. */
export function simulated(code: number, retryAfterSeconds = 1): Refusal | undefined {
  const reason = onDemand[code]
  if (reason === undefined) return undefined
  const details = code === 429 || code === 503 ? { retryAfterSeconds } : undefined
  return new Refusal(code, reason, `${code} ${reason} (simulated)`, details)
}
