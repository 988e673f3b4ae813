import { expect, test } from 'vitest'
import { outputKey, targetsOf } from './directory.js'
import { aHouseOfThings } from './testing/index.js'

test.each([
  ['{name}.json', 'incoming/2026/page-1.png', 'page-1.png.json'],
  ['results/{stem}/text', 'incoming/2026/page.1.png', 'results/page.1/text'],
  ['{key}', '/a//b', '/a//b'],
  ['{stem}', 'no-ending', 'no-ending'],
  // What an input is called does not reach into the pattern again.
  ['{name}-{stem}', '{stem}', '{stem}-{stem}'],
])('the output of %s for %s is %s', (pattern, key, output) => expect(outputKey(pattern, key)).toBe(output))

test('each thing of the house is a target, whose it is, and in which workloads it lives', () => {
  const known = targetsOf(aHouseOfThings())
  const of = (target: string) => known.find((one) => one.target === target)
  expect(of('queue:batch')).toEqual({
    target: 'queue:batch',
    service: 'batch',
    environment: 'prod',
    within: ['deployment:prod/batch'],
  })
  expect(of('configmap:prod/ocr-routing')?.within).toEqual([
    'ocr:documents',
    'deployment:prod/ocr-primary',
    'deployment:prod/ocr-fallback',
  ])
  expect(of('model:invoice-classifier')?.within).toEqual(['deployment:prod/model'])
  expect(of('bucket:documents')?.service).toBe('storage')
  expect(of('deployment:prod/batch')?.service).toBe('batch')
})
