import type { Bounds, Field } from './fields.js'

/** What a field says once it is read: a value, nothing (left out), or what is wrong with it. */
export type Read = { value: unknown } | { wrong: string } | 'left out'

/** Reads what somebody wrote. An empty field is left out: the recipe then decides, or says what it needs. */
export function read(field: Field, written: string): Read {
  // The spaces around a text may be meant; a text of nothing else is nobody's answer.
  if (written.trim() === '') return field.required ? { wrong: 'It is needed.' } : 'left out'
  switch (field.kind) {
    case 'number':
      return numberOf(field, written.trim())
    case 'text':
      return judged(written, whyNotText(field, written))
    case 'choice':
      return judged(written, field.options.some(({ value }) => value === written) ? undefined : 'It is none of these.')
    case 'switch':
      return written === 'true' || written === 'false' ? { value: written === 'true' } : { wrong: 'Yes or no.' }
    case 'list':
      return listOf(field, written)
    case 'json':
      return jsonOf(written)
  }
}

function numberOf(field: Field & { kind: 'number' }, written: string): Read {
  const value = /^[-+]?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(written) ? Number(written) : NaN
  if (!Number.isFinite(value)) return { wrong: field.whole ? 'A whole number, in digits.' : 'A number, in digits.' }
  if (field.whole && !Number.isSafeInteger(value)) return { wrong: 'A whole number.' }
  const { minimum, maximum, multipleOf } = field
  if ((minimum !== undefined && value < minimum) || (maximum !== undefined && value > maximum))
    return { wrong: `${rangeOf(minimum, maximum)}.` }
  if (multipleOf !== undefined && value % multipleOf !== 0) return { wrong: `A multiple of ${multipleOf}.` }
  return { value }
}

/** `5 to 720`, `At least 5`, `At most 720`; empty where nothing bounds it. */
export function rangeOf(least: number | undefined, most: number | undefined): string {
  if (least !== undefined && most !== undefined) return `${least} to ${most}`
  if (least !== undefined) return `At least ${least}`
  return most === undefined ? '' : `At most ${most}`
}

function listOf(field: Field & { kind: 'list' }, written: string): Read {
  const lines = written
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const { minItems, maxItems, each, unique } = field
  if ((minItems !== undefined && lines.length < minItems) || (maxItems !== undefined && lines.length > maxItems))
    return { wrong: `${rangeOf(minItems, maxItems)} of them, one to a line; these are ${lines.length}.` }
  for (const [at, line] of lines.entries()) {
    const why = whyNotText(each, line)
    if (why !== undefined) return { wrong: `Line ${at + 1}: ${why}` }
    if (unique && lines.indexOf(line) < at) return { wrong: `Line ${at + 1} stands there twice.` }
  }
  return { value: lines }
}

function jsonOf(written: string): Read {
  try {
    return { value: JSON.parse(written) as unknown }
  } catch {
    return { wrong: 'This form does not know how to draw it: write its value as JSON.' }
  }
}

/** Lengths are of whole characters, as the API counts them, and not of the units that a script keeps them in. */
function whyNotText({ minLength, maxLength, pattern }: Bounds, written: string): string | undefined {
  const length = [...written].length
  if (minLength !== undefined && length < minLength) return `At least ${minLength} characters.`
  if (maxLength !== undefined && length > maxLength) return `At most ${maxLength} characters; these are ${length}.`
  if (pattern !== undefined && !fits(pattern, written)) return `It has to fit ${pattern}.`
  return undefined
}

/** A pattern that this browser cannot read is left to the API. */
function fits(pattern: string, written: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(written)
  } catch {
    return true
  }
}

const judged = (value: string, wrong: string | undefined): Read => (wrong === undefined ? { value } : { wrong })
