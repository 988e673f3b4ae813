import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readerNeeds, rightsFor, needsOf } from '@firebreak/kit'
import { verbs } from '@firebreak/kit/verbs'
import { loadHouse } from '@firebreak/house'
import { expect, test } from 'vitest'
import { ROOT } from '../root.js'
import { rightsManifest } from './manifest.js'

test('infra/k8s/rbac.yaml says what the verbs and the reader need', async () => {
  const { observe } = loadHouse(readFileSync(join(ROOT, 'firebreak.yaml'), 'utf8'), 'firebreak.yaml')
  await expect(rightsManifest(observe.namespaces)).toMatchFileSnapshot(join(ROOT, 'infra/k8s/rbac.yaml'))
})

test('the reader writes nothing, and nobody sees a secret or becomes somebody else', () => {
  for (const { verbs: rights } of readerNeeds) for (const right of rights) expect(['get', 'list']).toContain(right)
  for (const { group, resource, verbs: rights } of [...readerNeeds, ...needsOf(verbs.values())]) {
    expect([group, resource, ...rights].join(' ')).not.toMatch(/\*|secret|role|impersonate|escalate|serviceaccount/)
    expect(rights.length).toBeGreaterThan(0)
  }
})

test('each right stands there once, and resources with the same verbs together', () => {
  const needs = [
    { group: 'apps', resource: 'deployments', verbs: ['get'] },
    { group: '', resource: 'pods', verbs: ['list', 'get'] },
    { group: 'apps', resource: 'deployments', verbs: ['patch', 'get'] },
    { group: '', resource: 'events', verbs: ['get', 'list'] },
  ]
  expect(rightsFor(needs)).toEqual([
    { apiGroups: [''], resources: ['events', 'pods'], verbs: ['get', 'list'] },
    { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'patch'] },
  ])
})
