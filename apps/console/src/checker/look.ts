import {
  parseApprovalRules,
  parseCheckpoint,
  parseNote,
  parsePolicy,
  parseVkey,
  text,
  type Policy,
  type VerifierKey,
} from '@firebreak/audit-log'
import type { Small } from './messages.js'

/** The keys of exporters: verifier keys, one a line. */
export const parseKeys = (bytes: Uint8Array): VerifierKey[] =>
  text(bytes)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => parseVkey(line.trim()))

/** What a small file is, in a sentence, or a thrown one about why it is not. Whether it is true is for the check. */
export const look: Record<Small, (bytes: Uint8Array) => string> = {
  policy: (bytes) => policySays(parsePolicy(bytes)),
  checkpoint: (bytes) => {
    const { origin, size } = parseCheckpoint(parseNote(bytes).text)
    return `${origin}, ${counted(size, 'entry', 'entries')}`
  },
  keys: (bytes) => {
    const keys = parseKeys(bytes)
    if (keys.length === 0) throw new TypeError('there is no key in it')
    return `${counted(keys.length, 'key')}: ${keys.map(({ name }) => name).join(', ')}`
  },
  rules: (bytes) => {
    const { tiers } = parseApprovalRules(bytes)
    return `rules for ${Object.keys(tiers).join(', ')}`
  },
}

function policySays(policy: Policy): string {
  if (policy.logs.length === 0) throw new TypeError('it names no log')
  const logs = [...new Set(policy.logs.map(({ name }) => name))].join(' or ')
  return `${logs}, ${policy.quorum === 'none' ? 'whoever cosigned it' : `cosigned by ${who(policy, policy.quorum)}`}`
}

function who({ groups }: Policy, quorum: string): string {
  const group = groups.get(quorum)
  if (!group) return quorum
  const { atLeast, members } = group
  if (atLeast === members.length) return members.join(' and ')
  return atLeast === 1 ? members.join(' or ') : `${atLeast} of ${members.join(', ')}`
}

const counted = (n: number, one: string, many = `${one}s`) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`
