import { describe, expect, test } from 'vitest'
import { utf8 } from './bytes.js'
import { formatVkey, generateKey, KEY_TYPE } from './note.js'
import { parsePolicy, PolicyError, quorumMet } from './policy.js'

const seed = (n: number) => new Uint8Array(32).fill(n)
const log = formatVkey(generateKey('log.example/1', seed(1)))
const witness = (n: number) => formatVkey(generateKey(`w${n}.example`, seed(n), KEY_TYPE.cosigner))

const EXAMPLE = `# the example of tlog-policy
log ${log} https://log.example/

witness X1 ${witness(11)}
\twitness X2\t ${witness(12)}  https://x2.example/
witness X3 ${witness(13)}
group X-witnesses 2 X1 X2 X3

witness Y1 ${witness(21)}
witness Y2 ${witness(22)}
group Y-witnesses any Y1 Y2

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y`

test('the quorum of the example', () => {
  const policy = parsePolicy(utf8(EXAMPLE))
  const met = (...names: string[]) => quorumMet(policy, new Set(names))
  expect(policy.logs.map(({ name }) => name)).toEqual(['log.example/1'])
  expect(met('X1', 'X3', 'Y2')).toBe(true)
  expect(met('X1', 'X2', 'X3')).toBe(false)
  expect(met('X1', 'Y1', 'Y2')).toBe(false)
  expect(met()).toBe(false)
})

test('one witness, or none', () => {
  const one = parsePolicy(utf8(`witness w ${witness(1)}\nquorum w\n`))
  expect([quorumMet(one, new Set(['w'])), quorumMet(one, new Set())]).toEqual([true, false])
  expect(quorumMet(parsePolicy(utf8('quorum none')), new Set())).toBe(true)
})

test('names are octets', () => {
  const policy = parsePolicy(utf8(`witness Kübel ${witness(1)}\nquorum Kübel\n`))
  expect(policy.witnesses.size).toBe(1)
})

describe('refused, with the line', () => {
  test.each([
    ['no quorum', `log ${log}\n`, 1],
    ['two quorums', 'quorum none\nquorum none\n', 2],
    ['a quorum of the unknown', 'quorum nobody', 1],
    ['a quorum before its witness', `quorum w\nwitness w ${witness(1)}\n`, 1],
    ['an unknown line', 'quorum none\nlogs x', 2],
    ['a log twice', `log ${log}\nlog ${log}\nquorum none`, 2],
    ['a witness key as a log', `log ${witness(1)}\nquorum none`, 1],
    ['a log key as a witness', `witness w ${log}\nquorum w`, 1],
    ['a name twice', `witness w ${witness(1)}\nwitness w ${witness(2)}\nquorum w`, 2],
    ['the name none', `witness none ${witness(1)}\nquorum none`, 1],
    ['a key twice', `witness v ${witness(1)}\nwitness w ${witness(1)}\nquorum w`, 2],
    ['a member twice', `witness w ${witness(1)}\ngroup g any w\ngroup h any w\nquorum h`, 3],
    ['none as a member', 'group g any none\nquorum g', 1],
    ['an empty group', 'group g any\nquorum g', 1],
    ['more than there are', `witness w ${witness(1)}\ngroup g 2 w\nquorum g`, 2],
    ['0 of 1', `witness w ${witness(1)}\ngroup g 0 w\nquorum g`, 2],
    ['a carriage return', 'quorum none\r\n', 1],
    ['a key that is none', 'log x+y+z\nquorum none', 1],
    ['nothing', '', 0],
  ])('%s', (_, source, line) => {
    let error: unknown
    try {
      parsePolicy(utf8(source))
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(PolicyError)
    expect(error).toMatchObject({ line })
  })
})
