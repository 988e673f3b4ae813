import { readState } from './state.js'

/** The key of one of the seeded people, from the file that the API wrote when it started. Throws where there is none. */
export function keyOf(id: string, file: string): string {
  const { people = [] } = readState<{ people?: { id: string; key: string }[] }>(file) ?? {}
  const key = people.find((person) => person.id === id)?.key
  if (!key) throw new Error(`${file} has no key for ${id}. Start afresh with: npm run reset`)
  return key
}
