import { text } from './bytes.js'
import { KEY_TYPE, NoteError, parseVkey, type VerifierKey } from './note.js'

/** C2SP tlog-policy: which logs and witnesses to trust, in the auditor's own file. */
export interface Policy {
  logs: VerifierKey[]
  /** By the name that the policy gives them, which is not the name of their key. */
  witnesses: Map<string, VerifierKey>
  groups: Map<string, { atLeast: number; members: string[] }>
  /** A witness, a group, or `none`. */
  quorum: string
}

/** A policy that cannot be used; `line` counts from 1. */
export class PolicyError extends Error {
  constructor(
    readonly line: number,
    sentence: string,
  ) {
    super(`line ${line}: ${sentence}`)
    this.name = 'PolicyError'
  }
}

const LIMIT = 1000
const NONE = 'none'

export function parsePolicy(bytes: Uint8Array): Policy {
  const policy: Policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: '' }
  const members = new Set<string>()
  // Names are octets, not text: one character per byte compares as octets do, and only keys are read as UTF-8.
  const lines = split(bytes)
  for (const [i, words] of lines.entries()) {
    const fail = (sentence: string): never => {
      throw new PolicyError(i + 1, sentence)
    }
    const known = (name: string) => policy.witnesses.has(name) || policy.groups.has(name)
    const define = (name: string) => (known(name) || name === NONE ? fail(`the name ${name} is taken`) : name)
    const [keyword, ...rest] = words
    if (keyword === undefined || keyword.startsWith('#')) continue
    switch (keyword) {
      case 'log': {
        const [vkey, , ...more] = rest
        if (vkey === undefined || more.length > 0) return fail('a log is "log <vkey> [<url>]"')
        policy.logs.push(key(vkey, KEY_TYPE.log, policy.logs, fail))
        break
      }
      case 'witness': {
        const [name, vkey, , ...more] = rest
        if (name === undefined || vkey === undefined || more.length > 0) {
          return fail('a witness is "witness <name> <vkey> [<url>]"')
        }
        policy.witnesses.set(define(name), key(vkey, KEY_TYPE.cosigner, [...policy.witnesses.values()], fail))
        break
      }
      case 'group': {
        const [name, rule, ...names] = rest
        if (name === undefined || rule === undefined || names.length === 0) {
          return fail('a group is "group <name> <all|any|number> <name>..."')
        }
        for (const member of names) {
          if (!known(member)) fail(`${member} is not defined above`)
          if (members.has(member)) fail(`${member} is a member already`)
          members.add(member)
        }
        const atLeast =
          rule === 'all' ? names.length : rule === 'any' ? 1 : /^[1-9]\d{0,3}$/.test(rule) ? Number(rule) : 0
        if (atLeast < 1 || atLeast > names.length) fail(`${rule} of ${names.length} cannot be asked for`)
        policy.groups.set(define(name), { atLeast, members: names })
        break
      }
      case 'quorum': {
        const [name, ...more] = rest
        if (name === undefined || more.length > 0) return fail('a quorum is "quorum <name>"')
        if (policy.quorum !== '') fail('a second quorum')
        if (name !== NONE && !known(name)) fail(`${name} is not defined above`)
        policy.quorum = name
        break
      }
      default:
        fail('a line begins with log, witness, group, quorum or #')
    }
  }
  if (policy.quorum === '') throw new PolicyError(lines.length, 'the policy has no quorum line')
  return policy
}

/** Whether these witnesses, by their names in the policy, are enough. */
export function quorumMet(policy: Policy, cosigned: ReadonlySet<string>): boolean {
  const met = (name: string): boolean => {
    const group = policy.groups.get(name)
    return group ? group.members.filter(met).length >= group.atLeast : cosigned.has(name)
  }
  return policy.quorum === NONE || met(policy.quorum)
}

function split(bytes: Uint8Array): string[][] {
  const lines: string[][] = []
  let line = ''
  for (const [at, byte] of bytes.entries()) {
    if (byte === 0x0a) {
      if (lines.length === LIMIT) throw new PolicyError(LIMIT + 1, `more than ${LIMIT} lines`)
      lines.push(words(line))
      line = ''
    } else if (byte === 0x09 || (byte >= 0x20 && byte !== 0x7f)) {
      line += String.fromCharCode(byte)
    } else {
      throw new PolicyError(lines.length + 1, `the control character ${byte} at byte ${at}`)
    }
  }
  if (line !== '') lines.push(words(line))
  if (lines.length > LIMIT) throw new PolicyError(LIMIT + 1, `more than ${LIMIT} lines`)
  return lines
}

const words = (line: string) => line.split(/[ \t]+/).filter((word) => word !== '')

function key(
  vkey: string,
  type: number,
  earlier: readonly VerifierKey[],
  fail: (sentence: string) => never,
): VerifierKey {
  try {
    const parsed = parseVkey(text(Uint8Array.from(vkey, (char) => char.charCodeAt(0))))
    if (parsed.type !== type) fail(`${parsed.name} has a key of type ${parsed.type}; here one of type ${type} belongs`)
    const twice = earlier.some(({ publicKey }) => publicKey.every((byte, i) => byte === parsed.publicKey[i]))
    return twice ? fail(`the key of ${parsed.name} stands twice`) : parsed
  } catch (error) {
    if (error instanceof PolicyError) throw error
    return fail(error instanceof NoteError ? error.message : 'a key is UTF-8')
  }
}
