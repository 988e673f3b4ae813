import { codeOf } from '../api/plain.js'

/*
 * Names of targets that are not what they look like. Names of the systems that are watched are made of ASCII letters: one
 * with another letter in it, and one that can be taken for its neighbour, is worth a second look before somebody says yes.
 */

/** Letters and groups that many typefaces draw alike, by the one that they are taken for. */
const ALIKE: readonly (readonly [RegExp, string])[] = [
  [/[1il|]/g, 'l'],
  [/0/g, 'o'],
  [/5/g, 's'],
  [/rn/g, 'm'],
  [/vv/g, 'w'],
]

const looks = (name: string): string =>
  ALIKE.reduce((text, [letters, as]) => text.replace(letters, as), name.toLowerCase())

/** What is odd about these names, one sentence each; empty when nothing is. */
export function oddities(names: readonly string[]): string[] {
  const all = [...new Set(names)]
  const foreign = all.flatMap((name) => {
    const letters = [...new Set([...name].filter((letter) => !/[\x20-\x7e]/.test(letter)))]
    if (letters.length === 0) return []
    const codes = letters.map((letter) => `${letter} (${codeOf(letter)})`)
    return [`${name} has ${codes.join(', ')} in it, which may not be the letter that it looks like.`]
  })
  const pairs = all.flatMap((one, at) =>
    all.slice(at + 1).flatMap((other) => (looks(one) === looks(other) ? [`${one} and ${other} look alike.`] : [])),
  )
  return [...foreign, ...pairs]
}
