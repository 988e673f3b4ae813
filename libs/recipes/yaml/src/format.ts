import { classes, roles } from '@firebreak/kit'
import { z } from 'zod'
import { MOST_CHARACTERS } from './cel/index.js'
import { readNames, reads, type Read } from './reads.js'

/*
 * The file, in the order of a page of the runbook. Each message completes the sentence `found "fast", expected …`; each
 * description is what an editor shows.
 */

const text = (expected: string, most: number) => z.string(expected).min(1, expected).max(most, expected)
const whole = (of: string, least: number, most: number) => {
  const expected = `a whole number${of && ` of ${of}`} from ${least} to ${most}`
  return z.int(expected).min(least, expected).max(most, expected)
}
const oneOf = <const Names extends readonly string[]>(names: Names) => z.enum(names, `one of ${names.join(', ')}`)
const sentence = z
  .string('a sentence')
  .max(2_000, 'a sentence of at most 2000 characters')
  .regex(/^\p{Lu}.*\.$/su, 'a sentence: a capital letter first, a full stop last')

/** Names of facts and parameters: what CEL can say after a dot. */
export const NAME = /^[a-z][a-z0-9_]{0,40}$/
const words = new Set(
  'as break const constructor continue else false for function has if import in let loop namespace null package prototype return true var void while'.split(
    ' ',
  ),
)
const name = z
  .string()
  .regex(NAME, 'a name of lower-case letters, digits and _')
  .refine((name) => !words.has(name), 'a name that is no word of the language')
const condition = text(`a CEL expression of at most ${MOST_CHARACTERS} characters`, MOST_CHARACTERS)
const argument = text('text, or one CEL expression as ${…}', 2_000)

const about = { title: text('a title', 60).optional(), description: text('a sentence', 300).optional() }
const may = { optional: z.literal(true, 'true, or nothing').optional().describe('It may be left out: ask with has().') }

export const param = z.discriminatedUnion(
  'type',
  [
    z.strictObject({
      type: z.literal('integer'),
      ...about,
      ...may,
      min: whole('', -1_000_000_000, 1_000_000_000),
      max: whole('', -1_000_000_000, 1_000_000_000),
      default: z.int('a whole number').optional(),
    }),
    z.strictObject({
      type: z.literal('text'),
      ...about,
      ...may,
      max: whole('characters', 1, 1_000),
      default: z.string('text').optional(),
    }),
    z.strictObject({
      type: z.literal('choice'),
      ...about,
      ...may,
      of: z.array(text('text', 60), 'a list of texts').min(1, 'at least one').max(50, 'at most 50'),
      default: z.string('one of them').optional(),
    }),
    z.strictObject({ type: z.literal('boolean'), ...about, ...may, default: z.boolean('true or false').optional() }),
  ],
  'a parameter: type integer, text, choice or boolean',
)

const readSchemas = readNames.map((id) => {
  const { arguments: args, settings, ...read }: Read = reads[id]
  return z.strictObject({
    read: z.literal(id),
    ...Object.fromEntries(Object.keys(args).map((key) => [key, argument])),
    ...settings,
    ...(read.missing
      ? { optional: z.literal(true, 'true, or nothing').optional().describe('It may be missing: ask with has().') }
      : {}),
    ...(Object.values(args).some((kind) => kind === 'workload' || kind === 'namespace')
      ? {
          within: z
            .array(text('a namespace', 63), 'a list of namespaces')
            .min(1, 'at least one')
            .optional()
            .describe('The namespaces that may be looked at; an alert chooses among them.'),
        }
      : {}),
  })
})
const lookups = (least: number) =>
  z
    .record(
      name,
      z.discriminatedUnion('read', readSchemas as never, `a read: ${readNames.join(', ')}`),
      'reads by name',
    )
    .refine((given) => Object.keys(given).length >= least, 'at least one read')
    .refine((given) => Object.keys(given).length <= 30, 'at most 30 reads')

const bound = z.union([z.int(), z.string()], 'a whole number, or one CEL expression as ${…}')

const each = z
  .strictObject(
    {
      of: text('the name of a fact that is a list', 63),
      where: condition.optional().describe('Which of them: item.<field>. Without it all of them.'),
      ramp: z
        .strictObject(
          { most: whole('items', 1, 1_000), pause_s: whole('seconds', 0, 86_400).optional() },
          'most, and pause_s',
        )
        .optional()
        .describe('One first, then 2, 4, … up to most at a time, with pauses between.'),
      stop_above_percent: whole('percent', 0, 99).optional().describe('How many may fail. Without it none.'),
      within_s: whole('seconds', 1, 86_400).optional().describe('The time that all of it may take.'),
    },
    'of, where, ramp, stop_above_percent and within_s',
  )
  .describe('The step is done once for each of these: ${item.<field>} in its arguments.')

export const recipeFormat = z.strictObject({
  id: z
    .string('an id')
    .regex(/^[a-z]+(-[a-z]+)*$/, 'an id of lower-case words joined by -')
    .max(63, 'at most 63 characters')
    .describe('The name of the file, without .yaml.'),
  version: whole('', 1, 1_000_000).describe('Raise it with every change of meaning.'),
  title: text('a title of at most 100 characters', 100),
  page: oneOf(classes).describe('The page of the runbook that this carries out.'),
  meaning: sentence.describe('What it means that this happens.'),
  impact: sentence.describe('What users feel of it.'),
  stage: oneOf(['watch', 'propose', 'auto']).describe(
    'watch only looks, propose asks a person, auto acts under a standing approval.',
  ),
  approval: z.strictObject(
    {
      tier: oneOf(['T0', 'T1', 'T2', 'T3']).describe('T0 reads, T1 reversible and bounded, T2 wide, T3 irreversible.'),
      roles: z.array(oneOf(roles), 'a list of roles').min(1, 'at least one role'),
      people: whole('people', 0, 5),
    },
    'tier, roles and people',
  ),
  params: z.record(name, param, 'parameters by name').default({}).describe('What whoever asks for it may choose.'),
  diagnose: lookups(1).describe('What is looked at, from top to bottom. Each read is a fact: facts.<name>.'),
  stop_if: z
    .array(z.strictObject({ when: condition, because: sentence }, 'when and because'), 'a list of reasons to stop')
    .max(30, 'at most 30')
    .describe('The first that holds stops it.'),
  guards: z
    .array(
      z.strictObject(
        {
          fact: text('the path of a fact, such as deployment.uid', 200),
          same: z.literal(true, 'true').optional(),
          at_least: bound.optional(),
          at_most: bound.optional(),
          when: condition.optional(),
        },
        'a fact, and same, at_least or at_most',
      ),
      'a list of guards',
    )
    .max(30, 'at most 30')
    .describe('What must still hold when the run starts; otherwise the plan is stale and its approvals are void.'),
  plan: z
    .array(
      z.strictObject(
        {
          name: text('a name', 63).optional().describe('By which later steps refer to what it gives.'),
          when: condition.optional(),
          each: each.optional(),
          do: text('a verb', 63),
          with: z.record(z.string(), z.unknown(), 'arguments by name'),
          loan_minutes: z.union([z.int(), z.string()], 'minutes, or one CEL expression as ${…}').optional(),
        },
        'do and with',
      ),
      'a list of steps',
    )
    .max(30, 'at most 30 steps')
    .describe('What is done, in this order. Nothing happens before people have approved it.'),
  verify: z.strictObject(
    {
      within_s: whole('seconds', 1, 86_400).describe('Until then it must hold, or everything is taken back.'),
      look: lookups(0).default({}).describe('What is looked at again: now.<name>.'),
      holds: condition.describe('Whether it helped.'),
      says: text('a sentence, or one CEL expression as ${…}', 2_000).describe('What it means that it helped.'),
    },
    'within_s, look, holds and says',
  ),
})

/** The same as JSON Schema, for editors. A copy is checked in as `recipe.schema.json`. */
export function recipeJsonSchema(): Record<string, unknown> {
  return { title: 'A Firebreak recipe', ...z.toJSONSchema(recipeFormat, { target: 'draft-7', io: 'input' }) }
}
