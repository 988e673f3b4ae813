import { expect, test } from 'vitest'
import { houseJsonSchema } from './schema.js'

test('the schema for editors is not stale (write it anew with: npx vitest run libs/house --update)', async () => {
  const written = `${JSON.stringify(houseJsonSchema(), null, 2)}\n`
  await expect(written).toMatchFileSnapshot('../firebreak.schema.json')
})

test('every key of the file is explained to whoever hovers over it', () => {
  const silent: string[] = []
  const walk = (shape: Shape, path: string) => {
    for (const [key, value] of Object.entries(shape.properties ?? {})) {
      if (!value.description && !/\.when$|\.class$|\.severity$/.test(`${path}.${key}`)) silent.push(`${path}.${key}`)
      walk(value, `${path}.${key}`)
    }
    if (shape.items) walk(shape.items, path)
    if (typeof shape.additionalProperties === 'object') walk(shape.additionalProperties, path)
  }
  walk(houseJsonSchema(), '')
  expect(silent).toEqual([])
})

interface Shape {
  description?: string
  properties?: Record<string, Shape>
  items?: Shape
  additionalProperties?: Shape | boolean
}
