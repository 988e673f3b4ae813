import { readFileSync } from 'node:fs'
import { defineVerb, type Verb } from '@firebreak/kit'
import { scaleDeployment, verbs } from '@firebreak/kit/verbs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { readRecipe } from './index.js'

/** A verb that gives a name to the steps after it. */
const choose = defineVerb({
  ...scaleDeployment.definition,
  id: 'choose-name',
  args: scaleDeployment.definition.args,
  gives: { output: z.strictObject({ uid: z.string() }), recall: () => Promise.resolve({ uid: 'u' }) },
}).definition as Verb
beforeAll(() => void (verbs as Map<string, Verb>).set(choose.id, choose))
afterAll(() => void (verbs as Map<string, Verb>).delete(choose.id))

const example = readFileSync(new URL('../examples/scale-workers.yaml', import.meta.url), 'utf8')
const steps = (uid: string, to: string) => `plan:
  - name: chosen
    do: choose-name
    with: { deployment: '\${facts.deployment.ref}', uid: '\${facts.deployment.uid}', from: 2, to: 3 }
  - do: scale-deployment
    with: { deployment: '\${facts.deployment.ref}', uid: ${uid}, from: 3, to: ${to} }

verify:`
const recipe = (uid: string, to = '4') =>
  readRecipe(
    example.replace(/^plan:.*^verify:/ms, () => steps(uid, to)),
    'scale-workers.yaml',
  )

test('a step refers to what an earlier one gives, and is planned so', () => {
  const made = recipe('{ ref: chosen, path: uid }')
  const facts = { deployment: { ref: 'prod/batch', uid: 'u-1' } }
  expect(made.plan(facts, made.params.parse({}))).toMatchObject([
    { name: 'chosen', verb: 'choose-name', args: { uid: 'u-1' } },
    { verb: 'scale-deployment', args: { uid: { ref: { step: 'chosen', path: 'uid' } }, to: 4 } },
  ])
})

test.each([
  ['{ ref: choosen, path: uid }', '4', 'uid.ref: found "choosen", expected one of chosen; did you mean chosen?'],
  ['{ ref: chosen, path: name }', '4', 'uid.path: found "name", expected a text that choose-name gives'],
  ['u', '{ ref: chosen, path: uid }', 'to: found a reference, expected a value that is no text'],
])('a bad reference is a fault with its line: uid %s, to %s', (uid, to, fault) => {
  expect(() => recipe(uid, to)).toThrow(fault)
})

test('a name is given once', () => {
  const twice = steps('u', '4').replace('- do: scale-deployment', '- name: chosen\n    do: scale-deployment')
  expect(() =>
    readRecipe(
      example.replace(/^plan:.*^verify:/ms, () => twice),
      'scale-workers.yaml',
    ),
  ).toThrow('name: found "chosen", expected a name of its own; a step before it has this name')
})
