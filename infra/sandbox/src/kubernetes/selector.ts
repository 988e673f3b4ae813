import type { KubeObject } from './objects.js'
import { badRequest } from './status.js'

type Test = (object: KubeObject) => boolean

/** Reads `labelSelector`: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, joined by commas. */
export function labelSelector(text: string | null): Test {
  // A comma inside parentheses belongs to its list.
  const terms = (text ?? '').split(/,(?![^(]*\))/).filter((term) => term.trim() !== '')
  const tests = terms.map(term)
  return ({ metadata: { labels = {} } }) => tests.every((holds) => holds(labels))
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

/** Reads `fieldSelector`, as far as every resource of Kubernetes takes it: name and namespace. */
export function fieldSelector(text: string | null): Test {
  const tests = (text ?? '')
    .split(',')
    .filter((term) => term !== '')
    .map((term): Test => {
      const [, field, op, value] = /^metadata\.(name|namespace)(==?|!=)(.*)$/.exec(term) ?? []
      if (field !== 'name' && field !== 'namespace') return unknownField(term)
      return ({ metadata }) => (metadata[field] === value) === (op !== '!=')
    })
  return (object) => tests.every((holds) => holds(object))
}

/** Events are asked for by what they are about, and there are none: any such question has the empty answer. */
function unknownField(term: string): Test {
  if (term.startsWith('involvedObject.')) return () => false
  throw badRequest(`field label not supported: ${term.slice(0, 100)}`)
}
