import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { selfSigned } from './certificate.js'
import { pageOf } from './list.js'
import type { KubeObject } from './objects.js'
import { applyPatch, merge } from './patch.js'
import { deployments, namespaces } from './resources.js'
import { fieldSelector, labelSelector } from './selector.js'
import { Refusal } from './status.js'
import { Store } from './store.js'

const object = (name: string, labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels, uid: name, resourceVersion: '', creationTimestamp: '' },
})

test('a merge patch is RFC 7396', () => {
  expect(merge({ a: 'b', c: { d: 'e', f: 'g' } }, { a: 'z', c: { f: null } })).toEqual({ a: 'z', c: { d: 'e' } })
  expect(merge({ a: [1, 2] }, { a: [3] })).toEqual({ a: [3] })
  expect(merge({ a: 'b' }, { a: { b: { c: null } } })).toEqual({ a: { b: {} } })
})

test('a patch cannot reach the prototype of objects', () => {
  merge({}, JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'))
  for (const path of ['/__proto__/polluted', '/constructor/prototype/polluted'])
    expect(() => applyPatch({}, [{ op: 'add', path, value: 1 }], 'application/json-patch+json')).toThrow(Refusal)
  expect({}).not.toHaveProperty('polluted')
})

test('a JSON patch is RFC 6902, and leaves what it was given', () => {
  const target = { spec: { replicas: 2, list: ['a', 'c'] } }
  const patched = (...operations: object[]) => applyPatch(target, operations, 'application/json-patch+json')
  expect(patched({ op: 'replace', path: '/spec/replicas', value: 3 })).toMatchObject({ spec: { replicas: 3 } })
  expect(patched({ op: 'add', path: '/spec/list/1', value: 'b' })).toMatchObject({ spec: { list: ['a', 'b', 'c'] } })
  expect(patched({ op: 'add', path: '/spec/list/-', value: 'd' })).toMatchObject({ spec: { list: ['a', 'c', 'd'] } })
  expect(patched({ op: 'remove', path: '/spec/list' })).toEqual({ spec: { replicas: 2 } })
  expect(() => patched({ op: 'test', path: '/spec/replicas', value: 9 })).toThrow('the test failed')
  expect(() => patched({ op: 'replace', path: '/spec/nowhere', value: 9 })).toThrow('nothing at this path')
  expect(target).toEqual({ spec: { replicas: 2, list: ['a', 'c'] } })
})

test('the content type says what a patch is, and must fit its body', () => {
  expect(() => applyPatch({}, { spec: {} }, 'application/json-patch+json')).toThrow(
    expect.objectContaining({ code: 400 }),
  )
  expect(() => applyPatch({}, {}, 'application/apply-patch+yaml')).toThrow(expect.objectContaining({ code: 415 }))
})

test.each([
  ['app=api', ['one']],
  ['app==api,tier=web', ['one']],
  ['app!=api', ['two', 'three']],
  ['app in (api, batch)', ['one', 'two']],
  ['app notin (api)', ['two', 'three']],
  ['tier', ['one']],
  ['!app', ['three']],
  ['', ['one', 'two', 'three']],
])('the label selector %j', (text, names) => {
  const all = [object('one', { app: 'api', tier: 'web' }), object('two', { app: 'batch' }), object('three')]
  expect(all.filter(labelSelector(text)).map(({ metadata }) => metadata.name)).toEqual(names)
})

test('a selector that cannot be read is refused, not taken for everything', () => {
  expect(() => labelSelector('app=(')).toThrow(Refusal)
  expect(() => fieldSelector('status.phase=Running')).toThrow(Refusal)
  expect([object('one'), object('two')].filter(fieldSelector('metadata.name=two'))).toHaveLength(1)
})

test('every change moves the version, what was handed out stays, and old changes are forgotten', () => {
  const store = new Store()
  const first = store.put(namespaces, object('one'))
  const second = store.put(namespaces, { ...first, metadata: { ...first.metadata, labels: { a: 'b' } } })
  expect(Number(second.metadata.resourceVersion)).toBe(Number(first.metadata.resourceVersion) + 1)
  expect(first.metadata.labels).toEqual({})
  expect(store.since(Number(first.metadata.resourceVersion))?.map(({ type }) => type)).toEqual(['MODIFIED'])
  for (let change = 0; change < 600; change++) store.put(namespaces, object('two'))
  expect(store.since(Number(first.metadata.resourceVersion))).toBeUndefined()
  expect(store.since(store.version)).toEqual([])
})

test('a list goes on where it was interrupted, as the world was then; when that is forgotten it is gone', () => {
  const store = new Store()
  for (const name of ['a', 'b', 'c']) store.put(namespaces, object(name))
  const page = (query: string) => pageOf(store, namespaces, '', new URLSearchParams(query), () => true)
  const names = ({ objects }: { objects: KubeObject[] }) => objects.map(({ metadata }) => metadata.name)
  const first = page('limit=1')
  expect([names(first), first.remainingItemCount]).toEqual([['a'], 2])
  store.delete(namespaces, '', 'b')
  store.put(namespaces, object('bb'))
  store.put(namespaces, object('c', { changed: 'since' }))
  const rest = page(`continue=${first.continue}`)
  expect(names(rest)).toEqual(['b', 'c'])
  expect(rest.objects[1]!.metadata.labels).toEqual({})
  for (let change = 0; change < 600; change++) store.put(namespaces, object('d'))
  expect(() => page(`continue=${first.continue}`)).toThrow(expect.objectContaining({ code: 410 }))
  for (const query of ['limit=-1', 'limit=x', 'continue=x']) expect(() => page(query)).toThrow(Refusal)
})

test('what was saved is loaded, and versions go on', () => {
  const [before, after] = [new Store(), new Store()]
  before.put(namespaces, object('one'))
  after.load(before.save(), [namespaces, deployments])
  expect(after.list(namespaces)).toEqual(before.list(namespaces))
  expect(after.version).toBe(before.version)
})

test('the certificate is for this machine, and vouches for itself', () => {
  const { key, certificate } = selfSigned(new Date())
  const read = new X509Certificate(certificate)
  expect(read.checkIP('127.0.0.1')).toBe('127.0.0.1')
  expect(read.checkHost('localhost')).toBe('localhost')
  expect(read.verify(read.publicKey)).toBe(true)
  expect(key).toContain('PRIVATE KEY')
  expect(new Date(read.validTo).getTime()).toBeGreaterThan(Date.now())
})
