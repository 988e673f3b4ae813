import type { ServerResponse } from 'node:http'
import { marked } from '../http.js'
import type { Call } from './call.js'
import type { LogQuery, Logs } from './logs.js'
import { isOver, type Pod } from './objects.js'
import { badRequest, notFound } from './status.js'
import { pods } from './resources.js'
import type { Store } from './store.js'

/** Answers `GET …/pods/<pod>/log`, once or for as long as the pod lives. Refuses in the words of Kubernetes. */
export function tail(store: Store, logs: Logs, { namespace, name, query }: Call, response: ServerResponse): void {
  const pod = store.get(pods, namespace, name)
  if (!pod) throw notFound({ ...pods, name })
  const container = containerOf(pod, query.get('container') ?? '')
  const asked = readQuery(query)
  const { state, restartCount } = pod.status.containerStatuses.find((status) => status.name === container)!
  if (asked.previous && restartCount === 0)
    throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`)
  if (!asked.previous && state.waiting && restartCount === 0)
    throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ${state.waiting.reason}`)

  response.writeHead(200, { 'content-type': 'text/plain', ...marked })
  response.write(logs.read(pod, container, asked))
  if (query.get('follow') !== 'true' || asked.previous || isOver(pod)) return void response.end()
  const unfollow = logs.follow(pod, container, asked, (text) => void response.write(text))
  const unlisten = store.listen(({ resource, type, object }) => {
    const mine = resource.plural === 'pods' && object.metadata.uid === pod.metadata.uid
    if (mine && (type === 'DELETED' || isOver(object as Pod))) response.end()
  })
  response.on('close', () => {
    unfollow()
    unlisten()
  })
  response.flushHeaders()
}

function containerOf({ metadata, spec: { containers } }: Pod, wanted: string): string {
  if (containers.some(({ name }) => name === wanted)) return wanted
  if (wanted !== '') throw badRequest(`container ${wanted} is not valid for pod ${metadata.name}`)
  if (containers.length === 1) return containers[0]!.name
  const names = containers.map(({ name }) => name).join(' ')
  throw badRequest(`a container name must be specified for pod ${metadata.name}, choose one of: [${names}]`)
}

function readQuery(query: URLSearchParams): LogQuery {
  const number = (key: string): number | undefined => {
    const text = query.get(key)
    if (text === null) return undefined
    if (!/^\d{1,9}$/.test(text)) throw badRequest(`${key} must be a whole number`)
    return Number(text)
  }
  const [tailLines, seconds, limitBytes] = [number('tailLines'), number('sinceSeconds'), number('limitBytes')]
  const sinceTime = query.get('sinceTime')
  const since = seconds === undefined ? Date.parse(sinceTime ?? '1970-01-01T00:00:00Z') : Date.now() - seconds * 1_000
  if (Number.isNaN(since)) throw badRequest('sinceTime must be a time')
  return {
    previous: query.get('previous') === 'true',
    timestamps: query.get('timestamps') === 'true',
    since,
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
  }
}
