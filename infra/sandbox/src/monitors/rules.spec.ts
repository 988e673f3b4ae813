import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { faults } from '../faults.js'
import { alertOf } from './alerting.js'
import { readRoute } from './route.js'
import { annotated, readRules, RULES } from './rules.js'

const root = new URL('../../../../', import.meta.url)
const house = parse(readFileSync(new URL('firebreak.yaml', root), 'utf8')) as {
  services: Record<string, { p95_threshold_ms?: number }>
  classes: { when: { alertname: string }; class: string }[]
}

test('there is a rule for every alert that the house knows, and none that it does not', () => {
  expect(
    readRules()
      .map(({ alert }) => alert)
      .sort(),
  ).toEqual(house.classes.map(({ when }) => when.alertname).sort())
})

test.each(readRules())('$alert says what it is about, and leads to the page of its class', (rule) => {
  expect(rule.labels).toEqual({
    severity: expect.stringMatching(/^(page|critical|warning|info)$/) as string,
    service: expect.stringMatching(/^[a-z]+$/) as string,
    namespace: 'prod',
  })
  const page = house.classes.find(({ when }) => when.alertname === rule.alert)!.class
  expect(rule.annotations).toEqual({
    summary: expect.any(String) as string,
    description: expect.stringContaining('simulator') as string,
    runbook_url: `runbook/${page}.md`,
  })
  readFileSync(new URL(rule.annotations.runbook_url!, root))
  expect(rule.forMs).toBeGreaterThan(0)
})

test('the alert and the recipe agree about what is slow', () => {
  const { beyond } = readRules().find(({ alert }) => alert === 'HighApiLatency')!
  const threshold = house.services.api!.p95_threshold_ms!
  expect([beyond(threshold), beyond(threshold + 1)]).toEqual([false, true])
})

test('every fault that alerts names a rule that is there', () => {
  for (const fault of Object.keys(faults)) {
    const alert = alertOf(fault)
    if (alert) expect(readRules().map((rule) => rule.alert)).toContain(alert.alertname)
  }
  expect(alertOf('slow')).toEqual({
    alertname: 'HighApiLatency',
    namespace: 'prod',
    service: 'api',
    severity: 'critical',
  })
  expect(alertOf('forbid')).toBeUndefined()
  expect(alertOf('toString')).toBeUndefined()
})

let folder: string
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'firebreak-rules-'))))
afterAll(() => rmSync(folder, { recursive: true }))

const good = {
  alert: 'TooHot',
  expr: 'heat{oven="left"} >= 5.5',
  for: '90s',
  labels: { severity: 'info' },
  annotations: { summary: '{{ $value }} in {{ $labels.oven }} {{$labels.gone}}' },
}
const read = (rule: object) => {
  writeFileSync(join(folder, 'x.rules.yaml'), JSON.stringify({ groups: [{ name: 'x', rules: [rule] }] }))
  return readRules(folder)
}

test('a rule is read as Prometheus reads it', () => {
  const [rule] = read(good)
  expect(rule).toMatchObject({ alert: 'TooHot', forMs: 90_000, keepFiringMs: 0 })
  expect([5.4, 5.5].map(rule!.beyond)).toEqual([false, true])
  expect(rule!.selector({ name: 'heat', labels: { oven: 'left', other: 'x' } })).toBe(true)
  expect(rule!.selector({ name: 'heat', labels: { oven: 'right' } })).toBe(false)
  expect(annotated(rule!, { oven: 'left' }, 7)).toEqual({ summary: '7 in left ' })
})

test.each([
  ['rate(heat[5m]) > 5', /reads metric/],
  ['heat > 5 and cold > 5', /reads metric/],
  ['heat{oven=~"l.*"} > 5', /reads metric/],
  ['heat > bool 5', /reads metric/],
  ['heat > 5m', /reads metric/],
  ['heat', /reads metric/],
])('the expression %j is refused at the start', (expr, why) => {
  expect(() => read({ ...good, expr })).toThrow(why)
})

test('whatever else is not understood is refused, with the file and the rule', () => {
  expect(() => read({ ...good, record: 'heat:max' })).toThrow(/x\.rules\.yaml: a rule: record is more than/)
  expect(() => read({ ...good, for: '1m30s' })).toThrow(/the rule TooHot: for: expected a duration like 2s/)
  expect(() => read({ ...good, labels: { oven: '{{ $labels.oven }}' } })).toThrow(/the label oven must be plain text/)
  expect(() => read({ ...good, annotations: { a: '{{ $value | humanize }}' } })).toThrow(/may use/)
  expect(() => read({ ...good, labels: { n: 1 } })).toThrow(/n is no text/)
  expect(() => read({ alert: 'TooHot' })).toThrow(/lacks expr, labels, annotations/)
  rmSync(join(folder, 'x.rules.yaml'))
  expect(() => readRules(folder)).toThrow(/no rule/)
})

test('the route is read from the file that Alertmanager gets', () => {
  const route = { receiver: 'firebreak', groupBy: ['alertname', 'service'], waitMs: 1_000, intervalMs: 1_000 }
  expect(readRoute(RULES)).toEqual({ ...route, repeatMs: 30_000 })
  const written = readFileSync(join(RULES, 'alertmanager.yaml'), 'utf8')
  writeFileSync(join(folder, 'alertmanager.yaml'), written.replace('group_wait: 1s', 'routes: []'))
  expect(() => readRoute(folder)).toThrow(/alertmanager\.yaml: the route: routes is more than/)
})
