import { Refused } from '@firebreak/flow'

/**
 * The bytes that a Range header asks for (RFC 9110, section 14): one range, of bytes. Anything else it may say is not
 * understood here and therefore means everything; one that lies outside is refused.
 */
export function rangeOf(header: string | undefined, size: number): { from: number; to: number } {
  const whole = { from: 0, to: size }
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return whole
  if (first !== '' && last !== '' && Number(last) < Number(first)) return whole
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const to = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  if (from >= to) throw new Refused('range-not-satisfiable', `The file has ${size} bytes.`)
  return { from, to }
}
