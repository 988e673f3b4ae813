import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PortFailure, type ModelRegistryHands, type ModelRegistryReader } from '../ports.js'

/** One world to hold a model registry to its contract in. */
export interface ModelRegistryWorld {
  reader: ModelRegistryReader
  hands: ModelRegistryHands
  /** A model with exactly the versions 1, 2 and 3; no aliases, no tags. */
  model: string
  /** The registry cannot be reached. */
  takeDown?(): Promise<void>
  close?(): Promise<void>
}

/** What every model registry keeps. */
export function modelRegistryContract(name: string, open: () => Promise<ModelRegistryWorld>): void {
  describe(`${name} keeps the model registry contract`, () => {
    let world: ModelRegistryWorld
    beforeEach(async () => void (world = await open()))
    afterEach(() => world.close?.())

    test('versions are listed, the newest first', async () => {
      const versions = await world.reader.versions(world.model)
      expect(versions.map(({ version }) => version)).toEqual(['3', '2', '1'])
      expect(versions[0]).toMatchObject({ model: world.model, aliases: [], tags: {} })
      expect(versions[0]!.source).not.toBe('')
      expect(Number.isSafeInteger(versions[0]!.created_ms)).toBe(true)
    })

    test('a version and a model are read by name', async () => {
      expect(await world.reader.version(world.model, '2')).toMatchObject({ model: world.model, version: '2' })
      expect(await world.reader.model(world.model)).toMatchObject({ name: world.model, aliases: {} })
    })

    test('what is not there is undefined, and not an error', async () => {
      expect(await world.reader.model('nobody')).toBeUndefined()
      expect(await world.reader.version(world.model, '99')).toBeUndefined()
      expect(await world.reader.version('nobody', '1')).toBeUndefined()
      expect(await world.reader.versions('nobody')).toEqual([])
    })

    test('an alias points at one version, and moves', async () => {
      await world.hands.setAlias(world.model, 'production', '3')
      await world.hands.setAlias(world.model, 'stable', '3')
      expect((await world.reader.version(world.model, '3'))!.aliases).toEqual(['production', 'stable'])
      await world.hands.setAlias(world.model, 'production', '2')
      await world.hands.setAlias(world.model, 'production', '2')
      expect((await world.reader.model(world.model))!.aliases).toEqual({ production: '2', stable: '3' })
      expect((await world.reader.versions(world.model)).map(({ aliases }) => aliases)).toEqual([
        ['stable'],
        ['production'],
        [],
      ])
    })

    test('an alias goes, and may go twice', async () => {
      await world.hands.setAlias(world.model, 'production', '3')
      await world.hands.removeAlias(world.model, 'production')
      await world.hands.removeAlias(world.model, 'production')
      expect((await world.reader.model(world.model))!.aliases).toEqual({})
    })

    test('a version is tagged, tagged anew, and untagged', async () => {
      await world.hands.tagVersion(world.model, '2', 'validation', 'failed')
      await world.hands.tagVersion(world.model, '2', 'validation', 'passed: ünïcode & "quotes"')
      expect((await world.reader.version(world.model, '2'))!.tags).toEqual({
        validation: 'passed: ünïcode & "quotes"',
      })
      expect((await world.reader.version(world.model, '1'))!.tags).toEqual({})
      await world.hands.untagVersion(world.model, '2', 'validation')
      expect((await world.reader.version(world.model, '2'))!.tags).toEqual({})
    })

    test('nothing is changed that is not there', async () => {
      await expect(world.hands.setAlias(world.model, 'production', '99')).rejects.toSatisfy(is('not-found'))
      await expect(world.hands.setAlias('nobody', 'production', '1')).rejects.toSatisfy(is('not-found'))
      await expect(world.hands.tagVersion(world.model, '99', 'a', 'b')).rejects.toSatisfy(is('not-found'))
      expect((await world.reader.model(world.model))!.aliases).toEqual({})
    })

    test('a registry that is down is unreachable', async (it) => {
      if (!world.takeDown) return it.skip('it cannot be taken down here')
      await world.takeDown()
      await expect(world.reader.model(world.model)).rejects.toSatisfy(is('unreachable'))
    })
  })
}

const is = (kind: PortFailure['kind']) => (error: unknown) => error instanceof PortFailure && error.kind === kind
