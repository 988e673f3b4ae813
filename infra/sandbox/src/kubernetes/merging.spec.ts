import { expect, test } from 'vitest'
import { apply, readApplied } from './apply.js'
import { changedFields, fieldsOf, fromTree, shown, toTree } from './fields.js'
import { manage } from './managed.js'
import type { KubeObject } from './objects.js'
import { strategicMerge } from './strategic.js'
import { Refusal } from './status.js'

const object = (spec: object, more: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', uid: 'u', resourceVersion: '1', creationTimestamp: '', ...more },
  spec,
})
const containers = (...list: object[]) => ({ template: { spec: { containers: list } } })
const about = { group: 'apps', plural: 'deployments', name: 'web' }
const by = (name: string) => ({ name, subresource: '' })
const applied = (before: KubeObject | undefined, spec: object, manager: string, force = false) =>
  apply(
    before,
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec },
    by(manager),
    force,
    about,
  )

test('a strategic merge patch knows its directives', () => {
  const before = {
    a: { keep: 1, gone: 2 },
    finalizers: ['x', 'y'],
    env: [
      { name: 'A', value: '1' },
      { name: 'B', value: '2' },
    ],
  }
  expect(strategicMerge(before, { a: { $patch: 'replace', new: 3 } })).toMatchObject({ a: { new: 3 } })
  expect(strategicMerge(before, { a: { $retainKeys: ['keep'], keep: 9 } })).toMatchObject({ a: { keep: 9 } })
  expect(strategicMerge(before, { '$deleteFromPrimitiveList/finalizers': ['x'] })).toMatchObject({ finalizers: ['y'] })
  expect(strategicMerge(before, { env: [{ name: 'C' }, { $patch: 'replace' }] })).toMatchObject({
    env: [{ name: 'C' }],
  })
  const order = { '$setElementOrder/env': [{ name: 'B' }, { name: 'A' }], env: [{ name: 'A', value: '9' }] }
  expect(strategicMerge(before, order)).toMatchObject({
    env: [
      { name: 'B', value: '2' },
      { name: 'A', value: '9' },
    ],
  })
  expect(() => strategicMerge(before, { a: { $patch: 'explode' } })).toThrow(Refusal)
  expect(() => strategicMerge(before, { env: [{ value: 'nameless' }] })).toThrow('merge key')
  expect(before.env).toHaveLength(2)
})

test('fields are written as managedFields writes them, and read back', () => {
  const fields = fieldsOf(
    object(containers({ name: 'web', image: 'i', ports: [{ containerPort: 80 }], args: ['a', 'b'] })),
  )
  expect(toTree(fields)).toEqual({
    'f:spec': {
      'f:template': {
        'f:spec': {
          'f:containers': {
            'k:{"name":"web"}': {
              '.': {},
              'f:name': {},
              'f:image': {},
              'f:args': {},
              'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
            },
          },
        },
      },
    },
  })
  expect(fromTree(toTree(fields))).toEqual(fields)
  expect([...fields].map(shown)).toContain('.spec.template.spec.containers[name="web"].image')
})

test('a list without keys and a selector are one value each', () => {
  const { set } = changedFields(
    object({ selector: { matchLabels: { a: '1' } }, args: [1] }),
    object({ selector: { matchLabels: { b: '1' } }, args: [1, 2] }),
  )
  expect([...set].map(shown).sort()).toEqual(['.spec.args', '.spec.selector'])
})

test('who changes a field by hand owns it from then on', () => {
  const first = manage(undefined, object({ replicas: 1, paused: true }), by('maker'))
  const second = manage(
    first,
    { ...first, spec: { replicas: 2, paused: true } },
    { name: 'scaler', subresource: 'scale' },
  )
  const owned = second.metadata.managedFields!.map(({ manager, subresource, fieldsV1 }) => [
    manager,
    subresource,
    fieldsV1,
  ])
  expect(owned).toEqual([
    ['maker', undefined, { 'f:spec': { 'f:paused': {} } }],
    ['scaler', 'scale', { 'f:spec': { 'f:replicas': {} } }],
  ])
  expect(manage(second, second, by('nobody')).metadata.managedFields).toEqual(second.metadata.managedFields)
  const third = manage(second, { ...second, spec: {} }, by('remover'))
  expect(third.metadata.managedFields!.map(({ manager }) => manager)).toEqual(['remover'])
})

test('an item of a list that nobody wants any more goes, one that somebody else added to stays', () => {
  const one = applied(
    undefined,
    containers({
      name: 'web',
      image: 'a',
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
    }),
    'one',
  )
  const two = applied(one, containers({ name: 'web', env: [{ name: 'A', value: '1' }] }), 'two')
  const three = applied(two, containers({ name: 'web', image: 'a' }), 'one')
  expect(three.spec).toEqual(containers({ name: 'web', image: 'a', env: [{ name: 'A', value: '1' }] }))
  expect(applied(three, containers({ name: 'web' }), 'two').spec).toEqual(containers({ name: 'web', image: 'a' }))
})

test('a conflict names every field and its manager, and force takes them', () => {
  const one = applied(undefined, { replicas: 1, ...containers({ name: 'web', image: 'a' }) }, 'one')
  const asked = () => applied(one, { replicas: 2, ...containers({ name: 'web', image: 'b' }) }, 'two')
  expect(asked).toThrow(expect.objectContaining({ code: 409, reason: 'Conflict' }))
  expect(asked).toThrow(/Apply failed with 2 conflicts: conflict with "one" using apps\/v1:\n- \.spec\.replicas\n- /)
  const forced = applied(one, { replicas: 2, ...containers({ name: 'web', image: 'b' }) }, 'two', true)
  expect(forced.spec).toEqual({ replicas: 2, ...containers({ name: 'web', image: 'b' }) })
  const mine = forced.metadata.managedFields!.find(({ manager }) => manager === 'one')!
  expect(JSON.stringify(mine.fieldsV1)).not.toContain('f:replicas')
})

test('a list that is one value is taken whole, or is a conflict', () => {
  const one = applied(undefined, containers({ name: 'web', image: 'a', args: ['x'] }), 'one')
  expect(() => applied(one, containers({ name: 'web', args: ['y'] }), 'two')).toThrow(Refusal)
  expect(applied(one, containers({ name: 'web', args: ['x'] }), 'two').spec).toEqual(one.spec)
})

test('what is applied is YAML without tricks', () => {
  expect(readApplied('kind: A\nspec: {a: 1}')).toEqual({ kind: 'A', spec: { a: 1 } })
  const bomb = 'a: &a [1,1]\nb: &b [*a,*a]\nc: [*b,*b]'
  for (const text of ['- a', '{', bomb, 'metadata: {managedFields: []}'])
    expect(() => readApplied(text)).toThrow(expect.objectContaining({ code: 400 }))
})
