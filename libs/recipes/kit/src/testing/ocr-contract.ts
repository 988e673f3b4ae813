import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PortFailure, type OcrReader } from '../ports.js'

/** One world to hold OCR engines to their contract in. */
export interface OcrWorld {
  ocr: OcrReader
  engine: string
  /** A PNG that the engine can read, and what it says. */
  sample: { image: Uint8Array; text: string }
  takeDown?(): Promise<void>
  close?(): Promise<void>
}

/** What every OCR adapter keeps. */
export function ocrContract(name: string, open: () => Promise<OcrWorld>): void {
  describe(`${name} keeps the OCR contract`, () => {
    let world: OcrWorld
    beforeEach(async () => void (world = await open()))
    afterEach(() => world.close?.())

    test('a sample is read, and the engine says how sure it is', async () => {
      const read = await world.ocr.recognise(world.engine, world.sample.image)
      expect(read.text).toBe(world.sample.text)
      expect(Number.isInteger(read.confidence_percent)).toBe(true)
      expect(read.confidence_percent).toBeGreaterThan(50)
      expect(read.confidence_percent).toBeLessThanOrEqual(100)
    })

    test('a torn picture is invalid, and the engine goes on', async () => {
      const torn = world.sample.image.slice(0, world.sample.image.length / 2)
      await expect(world.ocr.recognise(world.engine, torn)).rejects.toSatisfy(is('invalid'))
      expect((await world.ocr.recognise(world.engine, world.sample.image)).text).toBe(world.sample.text)
    })

    test('an engine that is not known is not-found', async () => {
      await expect(world.ocr.recognise('nobody', world.sample.image)).rejects.toSatisfy(is('not-found'))
    })

    test('an engine that is down is unreachable', async (it) => {
      if (!world.takeDown) return it.skip('it cannot be taken down here')
      await world.takeDown()
      await expect(world.ocr.recognise(world.engine, world.sample.image)).rejects.toSatisfy(is('unreachable'))
    })
  })
}

const is = (kind: PortFailure['kind']) => (error: unknown) => error instanceof PortFailure && error.kind === kind
