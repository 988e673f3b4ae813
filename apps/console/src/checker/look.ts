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

interface Looked {
  says: string
  when: number | null
}

/** What a small file is, in a sentence, or a thrown one about why it is not. Whether it is true is for the check. */
export function look(at: Small, bytes: Uint8Array): Looked {
  return at === 'checkpoint' ? checkpointSays(bytes) : { says: SAYS[at](bytes), when: null }
}

/** Who is named as having signed, and when: no signature is verified here, for nothing says by which key. */
function checkpointSays(bytes: Uint8Array): Looked {
  const note = parseNote(bytes)
  const { origin, size } = parseCheckpoint(note.text)
  const names = [...new Set(note.signatures.map(({ name }) => name))]
  const seconds = note.signatures.flatMap(({ signature }) => claimedTime(signature) ?? [])
  return {
    says: `${origin}, ${counted(size, 'entry', 'entries')}, signed by ${names.join(' and ')}`,
    when: seconds.length === 0 ? null : Math.max(...seconds) * 1000,
  }
}

/** The last second that a date has. */
const LAST_DAY = 8.64e12

/** A cosignature begins with its time; a signature of a log is shorter by just that. */
function claimedTime(signature: Uint8Array): number | undefined {
  if (signature.length !== 72) return undefined
  const time = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0))
  return time <= LAST_DAY ? time : undefined
}

const SAYS: Record<Exclude<Small, 'checkpoint'>, (bytes: Uint8Array) => string> = {
  policy: (bytes) => policySays(parsePolicy(bytes)),
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
