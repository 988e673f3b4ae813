import type { KubeObject, Selector } from './objects.js'
import { isObject } from './resource.js'
import { badRequest } from './status.js'

type Test = (object: KubeObject) => boolean

/** Reads `labelSelector`: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, joined by commas. */
export function labelSelector(text: string | null): Test {
  // A comma inside parentheses belongs to its list.
  const terms = (text ?? '').split(/,(?![^(]*\))/).filter((term) => term.trim() !== '')
  const tests = terms.map(term)
  return ({ metadata: { labels = {} } }) => tests.every((holds) => holds(labels))
}

/** Does a selector as objects carry it (`spec.selector`) mean these labels? */
export function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels = {}): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const [there, among] = [Object.hasOwn(labels, key), values.includes(labels[key] ?? '')]
      if (operator === 'In') return there && among
      if (operator === 'NotIn') return !there || !among
      return operator === 'Exists' ? there : !there
    })
  )
}

type Labels = Record<string, string>
const label = String.raw`[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?`
const equality = new RegExp(`^\\s*(?<key>${label})\\s*(?<op>==?|!=)\\s*(?<value>[-A-Za-z0-9_.]*)\\s*$`)
const membership = new RegExp(`^\\s*(?<key>${label})\\s+(?<op>in|notin)\\s*\\((?<value>[-A-Za-z0-9_.,\\s]*)\\)\\s*$`)
const existence = new RegExp(`^\\s*(?<op>!?)\\s*(?<key>${label})\\s*$`)

function term(text: string): (labels: Labels) => boolean {
  const found = (equality.exec(text) ?? membership.exec(text) ?? existence.exec(text))?.groups
  if (!found) throw badRequest(`unable to parse requirement: ${text.slice(0, 100)}`)
  const { key = '', op = '', value = '' } = found
  const values = value.split(',').map((one) => one.trim())
  if (op === '!') return (labels) => !Object.hasOwn(labels, key)
  if (op === '') return (labels) => Object.hasOwn(labels, key)
  const among = (labels: Labels) => Object.hasOwn(labels, key) && values.includes(labels[key]!)
  return op === '!=' || op === 'notin' ? (labels) => !among(labels) : among
}

/** Reads `fieldSelector`: name and namespace, and what the resource lets be selected besides. */
export function fieldSelector(text: string | null, selectable: readonly string[] = []): Test {
  const tests = (text ?? '')
    .split(',')
    .filter((term) => term !== '')
    .map((term): Test => {
      const [, field = '', op, value = ''] = /^([^=!]+)(==?|!=)(.*)$/.exec(term) ?? []
      if (!['metadata.name', 'metadata.namespace', ...selectable].includes(field))
        throw badRequest(`field label not supported: ${(field || term).slice(0, 100)}`)
      return (object) => (fieldOf(object, field) === value) === (op !== '!=')
    })
  return (object) => tests.every((holds) => holds(object))
}

/** A field that is not there is selected by the empty text, as in Kubernetes. */
function fieldOf(object: KubeObject, field: string): string {
  const found = field
    .split('.')
    .reduce<unknown>((at, key) => (isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined), object)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : ''
}
