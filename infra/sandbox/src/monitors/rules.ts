import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { fields, milliseconds, texts } from './reading.js'
import { selectorOf, type Selector } from './query.js'

/** One alerting rule, as Prometheus has it: whatever the selector finds beyond the threshold for so long is an alert. */
export interface Rule {
  alert: string
  /** As it is written, for links. */
  expr: string
  selector: Selector
  beyond: (value: number) => boolean
  forMs: number
  /** How long an alert goes on after its condition was last met. */
  keepFiringMs: number
  labels: Record<string, string>
  annotations: Record<string, string>
}

/** The rules that a real Prometheus loads too: both sides of `infra/sandbox/rules`. */
export const RULES = fileURLToPath(new URL('../../rules/', import.meta.url))

/**
 * Reads every `*.rules.yaml` of a folder. It is a small part of what Prometheus reads: `metric{label="value"} OP number`
 * and durations of one unit. Anything else throws, and says where: a rule that is half understood is an alert that
 * never comes.
 */
export function readRules(folder = RULES): Rule[] {
  const rules = globSync('*.rules.yaml', { cwd: folder })
    .sort()
    .flatMap((file) => {
      try {
        return groupsOf(parse(readFileSync(join(folder, file), 'utf8')))
      } catch (error) {
        throw new Error(`${join(folder, file)}: ${error instanceof Error ? error.message : String(error)}`)
      }
    })
  if (rules.length === 0) throw new Error(`there is no rule in ${folder}: nothing would ever alert`)
  const twice = rules.find(({ alert }, at) => rules.findIndex((other) => other.alert === alert) !== at)
  if (twice) throw new Error(`${folder} has two rules for ${twice.alert}`)
  return rules
}

function groupsOf(document: unknown): Rule[] {
  const { groups } = fields(document, 'the file', ['groups'])
  return list(groups, 'groups').flatMap((group) => {
    const { name, rules } = fields(group, 'a group', ['name', 'rules'])
    return list(rules, `the rules of ${String(name)}`).map(ruleOf)
  })
}

function ruleOf(given: unknown): Rule {
  const rule = fields(given, 'a rule', ['alert', 'expr', 'labels', 'annotations'], ['for', 'keep_firing_for'])
  const { alert, expr } = rule
  if (typeof alert !== 'string' || !/^[A-Z][A-Za-z0-9]*$/.test(alert)) throw new Error('a rule has no name in `alert`')
  const where = `the rule ${alert}`
  return {
    alert,
    ...conditionOf(expr, where),
    forMs: milliseconds(rule.for ?? '0s', `${where}: for`),
    keepFiringMs: milliseconds(rule.keep_firing_for ?? '0s', `${where}: keep_firing_for`),
    labels: plain(texts(rule.labels, `${where}: labels`), where),
    annotations: fillable(texts(rule.annotations, `${where}: annotations`), where),
  }
}

const comparisons: Record<string, (value: number, threshold: number) => boolean> = {
  '>': (value, threshold) => value > threshold,
  '>=': (value, threshold) => value >= threshold,
  '<': (value, threshold) => value < threshold,
  '<=': (value, threshold) => value <= threshold,
  '==': (value, threshold) => value === threshold,
  '!=': (value, threshold) => value !== threshold,
}

function conditionOf(expr: unknown, where: string): Pick<Rule, 'expr' | 'selector' | 'beyond'> {
  const written = typeof expr === 'string' ? expr.trim() : ''
  const [, selects = '', word = '', number = ''] = /^(.+?)\s*(>=|<=|==|!=|>|<)\s*([^\s]+)$/.exec(written) ?? []
  const selector = selectorOf(selects)
  const compare = comparisons[word]
  if (!selector || !compare || !/^-?\d+(\.\d+)?$/.test(number))
    throw new Error(`${where}: the sandbox reads metric{label="value"} OP number, not ${JSON.stringify(expr)}`)
  const threshold = Number(number)
  return { expr: written, selector, beyond: (value) => compare(value, threshold) }
}

const placeholder = /\{\{\s*\$(?:value|labels\.([a-zA-Z_][a-zA-Z0-9_]*))\s*\}\}/g

/** Labels name an alert for good: one that follows the value would be another alert at each measurement. */
function plain(labels: Record<string, string>, where: string): Record<string, string> {
  const templated = Object.entries(labels).find(([, value]) => value.includes('{{'))
  if (templated) throw new Error(`${where}: the label ${templated[0]} must be plain text`)
  return labels
}

function fillable(annotations: Record<string, string>, where: string): Record<string, string> {
  for (const [name, text] of Object.entries(annotations))
    if (text.replaceAll(placeholder, '').includes('{{'))
      throw new Error(`${where}: the annotation ${name} may use {{ $value }} and {{ $labels.name }}, nothing else`)
  return annotations
}

/** The annotations of one alert: what Prometheus makes of `{{ $value }}` and `{{ $labels.name }}`. */
export function annotated({ annotations }: Rule, labels: Record<string, string>, value: number) {
  const filled = (text: string) =>
    text.replaceAll(placeholder, (_, label?: string) => (label === undefined ? String(value) : (labels[label] ?? '')))
  return Object.fromEntries(Object.entries(annotations).map(([name, text]) => [name, filled(text)]))
}

function list(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${what}: a list was expected`)
  return value
}
