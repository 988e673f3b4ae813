import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MOST_EVIDENCE_BYTES, PortFailure, type EvidenceHands, type EvidenceReader } from '../ports.js'

/** One world to hold a store of evidence to its contract in. */
export interface EvidenceWorld {
  reader: EvidenceReader
  hands: EvidenceHands
  close?(): Promise<void>
}

/** What every store of evidence keeps. */
export function evidenceContract(name: string, open: () => Promise<EvidenceWorld>): void {
  describe(`${name} keeps the contract of evidence`, () => {
    let world: EvidenceWorld
    beforeEach(async () => void (world = await open()))
    afterEach(() => world.close?.())
    const keep = (under: string, text: string) =>
      world.hands.keep(under, { content: text, media_type: 'text/plain', contents: { lines: 1 } })

    test('what is kept is found under its name, with its digest and what is in it', async () => {
      const { name, at_ms } = await world.reader.next('model')
      expect(Number.isInteger(at_ms)).toBe(true)
      expect(await world.reader.find(name)).toBeUndefined()
      const kept = await keep(name, 'seen')
      expect(kept).toEqual({
        ...{ name, bytes: 4, media_type: 'text/plain', contents: { lines: 1 } },
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      })
      expect(await world.reader.find(name)).toEqual(kept)
    })

    test('a name is given to nobody else once something is kept under it', async () => {
      const { name } = await world.reader.next('model')
      await keep(name, 'seen')
      expect((await world.reader.next('model')).name).not.toBe(name)
      expect(await world.reader.find((await world.reader.next('model')).name)).toBeUndefined()
    })

    test('the same again is the same; anything else under that name is a conflict, and changes nothing', async () => {
      const { name } = await world.reader.next('model')
      const kept = await keep(name, 'seen')
      expect(await keep(name, 'seen')).toEqual(kept)
      await expect(keep(name, 'another')).rejects.toSatisfy(is('conflict'))
      expect(await world.reader.find(name)).toEqual(kept)
    })

    test('other bytes have another digest, the same under another name the same', async () => {
      const one = await keep((await world.reader.next('model')).name, 'seen')
      const two = await keep((await world.reader.next('model')).name, 'seem')
      const three = await keep((await world.reader.next('ocr')).name, 'seen')
      expect(two.sha256).not.toBe(one.sha256)
      expect(three.sha256).toBe(one.sha256)
      expect((await world.reader.find(three.name))?.name).toBe(three.name)
    })

    test('too much is refused whole', async () => {
      const { name } = await world.reader.next('model')
      const content = 'ä'.repeat(MOST_EVIDENCE_BYTES / 2 + 1)
      await expect(world.hands.keep(name, { content, media_type: 'a/b', contents: {} })).rejects.toSatisfy(
        is('invalid'),
      )
      expect(await world.reader.find(name)).toBeUndefined()
    })
  })
}

const is = (kind: PortFailure['kind']) => (error: unknown) => error instanceof PortFailure && error.kind === kind
