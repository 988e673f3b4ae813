import { describe, expect, test } from 'vitest'
import { Together } from './together.js'

/** Turns that end when they are let go, in the order in which they began. */
function turns(most = 10) {
  const begun: { inputs: string[]; end: (why?: Error) => void }[] = []
  const together = new Together<string, string>(
    (inputs) =>
      new Promise((resolve, reject) => {
        const end = (why?: Error) => (why ? reject(why) : resolve(inputs.map((input) => input.toUpperCase())))
        begun.push({ inputs, end })
      }),
    (taken) => taken.length < most,
  )
  const settled = () => new Promise(setImmediate)
  return { begun, together, settled }
}

describe('things that are done together', () => {
  test('who comes alone begins at once; who comes meanwhile goes together, in their order', async () => {
    const { begun, together, settled } = turns()
    const answers = ['a', 'b', 'c'].map((one) => together.do(one))
    expect(begun.map(({ inputs }) => inputs)).toEqual([['a']])
    begun[0]!.end()
    await settled()
    expect(begun.map(({ inputs }) => inputs)).toEqual([['a'], ['b', 'c']])
    begun[1]!.end()
    expect(await Promise.all(answers)).toEqual(['A', 'B', 'C'])
    void together.do('d')
    expect(begun.at(-1)!.inputs).toEqual(['d'])
  })

  test('a turn waits for those who come at the same moment, where it is told how', async () => {
    const turns: string[][] = []
    const turn = async (inputs: string[]) => (turns.push(inputs), inputs)
    const together = new Together<string, string>(turn, () => true, () => new Promise(setImmediate)) // prettier-ignore
    expect(await Promise.all(['a', 'b', 'c'].map((one) => together.do(one)))).toEqual(['a', 'b', 'c'])
    expect(turns).toEqual([['a', 'b', 'c']])
    expect(await together.do('d')).toBe('d')
  })

  test('no more than fit', async () => {
    const { begun, together, settled } = turns(2)
    const answers = ['a', 'b', 'c', 'd'].map((one) => together.do(one))
    for (let turn = 0; turn < 3; turn++) {
      begun[turn]!.end()
      await settled()
    }
    expect(begun.map(({ inputs }) => inputs)).toEqual([['a'], ['b', 'c'], ['d']])
    expect(await Promise.all(answers)).toEqual(['A', 'B', 'C', 'D'])
  })

  test('one that cannot be done spoils none of the others', async () => {
    const { begun, together, settled } = turns()
    const answers = ['a', 'b', 'c'].map((one) => together.do(one))
    begun[0]!.end()
    await settled()
    begun[1]!.end(new Error('b is nothing'))
    await settled()
    expect(begun.slice(2).map(({ inputs }) => inputs)).toEqual([['b'], ['c']])
    begun[2]!.end(new Error('b is nothing'))
    begun[3]!.end()
    expect(await Promise.allSettled(answers)).toEqual([
      { status: 'fulfilled', value: 'A' },
      { status: 'rejected', reason: new Error('b is nothing') },
      { status: 'fulfilled', value: 'C' },
    ])
    void together.do('d')
    await settled()
    expect(begun.at(-1)!.inputs).toEqual(['d'])
  })
})
