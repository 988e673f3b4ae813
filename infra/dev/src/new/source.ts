import { camel, intoIndex, title, type Skeleton } from './skeleton.js'

/** A system that sends alerts: it compiles, and refuses everything. */
export function sourceSkeleton(id: string): Skeleton {
  const folder = `libs/integrations/sources/src/${id}`
  const name = camel(id)
  return {
    files: {
      [`${folder}/intake.ts`]: intake(id, name),
      [`${folder}/intake.spec.ts`]: spec(name),
      [`${folder}/fixtures/firing.json`]: '{}\n',
    },
    edits: [
      {
        file: 'libs/integrations/sources/src/index.ts',
        line: name,
        edit: intoIndex(
          `import { ${name} } from './${id}/intake.js'`,
          name,
          /(= new Map(?:<[^>]*>)?\(\s*\[)([^\]]*)(\]\.map\(\(source\))/,
        ),
      },
    ],
    next: [
      `1. Put a full example of what ${title(id)} sends into ${folder}/fixtures/firing.json, and at the head of intake.ts`,
      '   with a link to its reference, and who may be lying.',
      `2. Name the fields that are used in the schema, and make the spec pass: npx vitest run ${folder}`,
      `3. npm run format. Then POST /v1/alerts/${id} takes it.`,
    ],
  }
}

const intake = (id: string, name: string) => `/*
 * ${title(id)}: where its format is described, and one full example of what it sends.
 *
 * Who may be lying: not written yet.
 */
import type { AlertSource, IncomingAlert, Parsed } from '@firebreak/flow'
import { z } from 'zod'
import { faultsOf, words } from '../faults.js'

/** Only what is used is named; whatever else is sent is not looked at. */
const payload = z
  .object({ alerts: z.array(z.never('not written yet: which fields make an alert')) })
  .transform(({ alerts }): IncomingAlert[] => alerts)

export const ${name} = {
  id: '${id}',

  parse(body: unknown): Parsed {
    const { data, error } = payload.safeParse(body, { error: words })
    return data ? { alerts: data } : { faults: faultsOf(error) }
  },
} satisfies AlertSource
`

const spec = (name: string) => `import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ${name} } from './intake.js'

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(\`./fixtures/\${name}.json\`, import.meta.url), 'utf8'))

test('reads a firing alert', () => {
  const parsed = ${name}.parse(fixture('firing'))
  expect(parsed, 'not written yet: no field of the payload is read').toMatchObject({ alerts: [{ status: 'firing' }] })
})

test('names what it cannot read, and throws for nothing', () => {
  for (const body of [null, 7, 'text', [], {}, { alerts: 7 }]) expect(${name}.parse(body)).toHaveProperty('faults')
})
`
