import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  PortFailure,
  StorageFailure,
  type ObjectStoreHands,
  type ObjectStoreReader,
  type StorageReason,
} from '../ports.js'

/** One world to hold an object storage to its contract in. */
export interface ObjectStoreWorld {
  reader: ObjectStoreReader
  hands: ObjectStoreHands
  /** An empty bucket that keeps versions. */
  bucket: string
  /** From now on the storage refuses requests to the bucket; not said where it cannot be told to. */
  refuse?(reason: StorageReason): Promise<void>
  /** Deletes whatever is there, whatever it was told to expect. */
  deletesUnseen?: true
  takeDown?(): Promise<void>
  close?(): Promise<void>
}

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (content: Uint8Array | undefined) => content && new TextDecoder().decode(content)

/** What every object storage keeps. */
export function objectStoreContract(name: string, open: () => Promise<ObjectStoreWorld>): void {
  describe(`${name} keeps the object storage contract`, () => {
    let world: ObjectStoreWorld
    beforeEach(async () => void (world = await open()))
    afterEach(() => world.close?.())

    const at = (key: string) => ({ bucket: world.bucket, key })
    const put = (key: string, content: string, expect: string | null = null) =>
      world.hands.put(at(key), bytes(content), expect)

    test('what was put is read back', async () => {
      const { etag, version } = await put('in/a ünï+&.txt', 'hello')
      expect(await world.reader.head(at('in/a ünï+&.txt'))).toEqual({
        ...at('in/a ünï+&.txt'),
        etag,
        version,
        bytes: 5,
        modified_ms: expect.any(Number) as number,
      })
      expect(text(await world.reader.read(at('in/a ünï+&.txt'), 5))).toBe('hello')
    })

    test('nothing is read beyond what was asked for', async () => {
      await put('large', '0123456789')
      await expect(world.reader.read(at('large'), 9)).rejects.toSatisfy(is('invalid'))
    })

    test('the digest is that of the content, wherever it lies and whichever version it is', async () => {
      const digest = (key: string, version?: string) =>
        world.reader.digest(version === undefined ? at(key) : { ...at(key), version })
      const { version, etag } = await put('a', 'one')
      await put('b', 'one')
      const one = (await digest('a'))!
      expect(one).toMatch(/^[!-~]{10,100}$/)
      expect(await digest('b')).toBe(one)
      await put('a', 'two', etag)
      expect(await digest('a')).not.toBe(one)
      expect(await digest('a', version)).toBe(one)
      expect(await digest('nothing')).toBeUndefined()
      await world.hands.delete(at('b'))
      expect(await digest('b')).toBeUndefined()
    })

    test('objects are listed by prefix, in order, up to the limit', async () => {
      for (const key of ['b/2', 'a/2', 'a/1', 'a/3 x&y']) await put(key, key)
      const keys = async (prefix: string, limit: number) =>
        (await world.reader.objects(world.bucket, prefix, limit)).map(({ key }) => key)
      expect(await keys('a/', 10)).toEqual(['a/1', 'a/2', 'a/3 x&y'])
      expect(await keys('', 2)).toEqual(['a/1', 'a/2'])
      expect(await keys('c/', 10)).toEqual([])
      const [first] = await world.reader.objects(world.bucket, 'a/', 1)
      expect(first!.etag).toBe((await world.reader.head(at('a/1')))!.etag)
    })

    test('what is not there is undefined; a bucket that is not there is an error', async () => {
      expect(await world.reader.head(at('nothing'))).toBeUndefined()
      expect(await world.reader.read(at('nothing'), 10)).toBeUndefined()
      expect(await world.reader.tags(at('nothing'))).toBeUndefined()
      expect(await world.reader.versions(world.bucket, 'nothing')).toEqual([])
      await expect(world.reader.objects('no-such-bucket-here', '', 1)).rejects.toSatisfy(is('not-found'))
    })

    test('a put keeps its precondition, and changes nothing when it does not hold', async () => {
      const { etag } = await put('a', 'one')
      await expect(put('a', 'two')).rejects.toSatisfy(is('conflict'))
      await expect(put('a', 'two', 'another-etag')).rejects.toSatisfy(is('conflict'))
      expect(text(await world.reader.read(at('a'), 10))).toBe('one')
      expect((await put('a', 'two', etag)).etag).not.toBe(etag)
      expect(text(await world.reader.read(at('a'), 10))).toBe('two')
    })

    test('versions are kept, the newest first, and the old one is read', async () => {
      const one = await put('a', 'one')
      await put('a.longer', 'another key')
      const two = await put('a', 'four', one.etag)
      const versions = await world.reader.versions(world.bucket, 'a')
      expect(versions.map(({ version, newest, deleted, bytes }) => [version, newest, deleted, bytes])).toEqual([
        [two.version, true, false, 4],
        [one.version, false, false, 3],
      ])
      expect(text(await world.reader.read({ ...at('a'), version: one.version! }, 10))).toBe('one')
      expect(await world.reader.head({ ...at('a'), version: one.version! })).toMatchObject({ etag: one.etag })
    })

    test('a deletion leaves a mark; without the mark the object is back', async () => {
      await put('a', 'one')
      const { mark } = await world.hands.delete(at('a'))
      expect(await world.reader.head(at('a'))).toBeUndefined()
      expect((await world.reader.versions(world.bucket, 'a')).map(({ deleted }) => deleted)).toEqual([true, false])
      await world.hands.delete({ ...at('a'), version: mark! })
      expect(text(await world.reader.read(at('a'), 10))).toBe('one')
    })

    test('something else than was seen is not deleted, where the storage compares', async (it) => {
      if (world.deletesUnseen) return it.skip('this storage does not compare on deletion')
      const one = await put('a', 'one')
      const two = await put('a', 'two', one.etag)
      await expect(world.hands.delete(at('a'), one.etag)).rejects.toSatisfy(is('conflict'))
      expect(text(await world.reader.read(at('a'), 10))).toBe('two')
      await world.hands.delete(at('a'), two.etag)
      expect(await world.reader.head(at('a'))).toBeUndefined()
      await expect(world.hands.delete(at('a'), two.etag)).rejects.toSatisfy(is('not-found'))
    })

    test('what is deleted may be written anew', async () => {
      await put('a', 'one')
      await world.hands.delete(at('a'))
      await put('a', 'two')
      expect(text(await world.reader.read(at('a'), 10))).toBe('two')
    })

    test('a copy has the content and the tags, of an old version too', async () => {
      const one = await put('in/ä', 'one')
      await world.hands.setTags(at('in/ä'), { kind: 'corrupt' })
      await put('in/ä', 'two', one.etag)
      const from = { ...at('in/ä'), version: one.version! }
      await world.hands.copy(from, at('aside/ä'), one.etag)
      expect(text(await world.reader.read(at('aside/ä'), 10))).toBe('one')
      expect(await world.reader.tags(at('aside/ä'))).toEqual({ kind: 'corrupt' })
    })

    test('a copy of something else than was seen is a conflict; of nothing, not-found', async () => {
      await put('a', 'one')
      await expect(world.hands.copy(at('a'), at('b'), 'another-etag')).rejects.toSatisfy(is('conflict'))
      await expect(world.hands.copy(at('nothing'), at('b'), 'another-etag')).rejects.toSatisfy(is('not-found'))
      expect(await world.reader.head(at('b'))).toBeUndefined()
    })

    test('what is moved lies there and not here, with its tags', async () => {
      const { etag } = await put('in/ä', 'one')
      await world.hands.setTags(at('in/ä'), { kind: 'corrupt' })
      await world.hands.move(at('in/ä'), at('aside/ä'), etag)
      expect(text(await world.reader.read(at('aside/ä'), 10))).toBe('one')
      expect(await world.reader.tags(at('aside/ä'))).toEqual({ kind: 'corrupt' })
      expect(await world.reader.head(at('in/ä'))).toBeUndefined()
      await expect(world.hands.move(at('in/ä'), at('aside/ä'), etag)).rejects.toSatisfy(is('not-found'))
    })

    test('a move that was begun goes on, and one over something else is a conflict', async () => {
      const { etag } = await put('a', 'one')
      await world.hands.copy(at('a'), at('begun'), etag)
      await world.hands.move(at('a'), at('begun'), etag)
      expect(await world.reader.head(at('a'))).toBeUndefined()
      const b = await put('b', 'two')
      await expect(world.hands.move(at('b'), at('begun'), b.etag)).rejects.toSatisfy(is('conflict'))
      await expect(world.hands.move(at('b'), at('elsewhere'), 'another-etag')).rejects.toSatisfy(is('conflict'))
      expect(text(await world.reader.read(at('begun'), 10))).toBe('one')
      expect(text(await world.reader.read(at('b'), 10))).toBe('two')
      expect(await world.reader.head(at('elsewhere'))).toBeUndefined()
    })

    test('tags are replaced, all of them', async () => {
      await put('a', 'one')
      expect(await world.reader.tags(at('a'))).toEqual({})
      await world.hands.setTags(at('a'), { why: 'drift: look/at @this +1=2', by: 'us' })
      expect(await world.reader.tags(at('a'))).toEqual({ why: 'drift: look/at @this +1=2', by: 'us' })
      await world.hands.setTags(at('a'), {})
      expect(await world.reader.tags(at('a'))).toEqual({})
      await expect(world.hands.setTags(at('nothing'), { a: 'b' })).rejects.toSatisfy(is('not-found'))
      await expect(world.hands.setTags(at('a'), { why: '<none>' })).rejects.toSatisfy(is('invalid'))
    })

    test.for([
      ['denied', 'forbidden'],
      ['expired', 'forbidden'],
      ['throttled', 'throttled'],
      ['unavailable', 'unreachable'],
    ] as const)('a storage that refuses says why: %s', async ([reason, kind], it) => {
      if (!world.refuse) return it.skip('it cannot be told to refuse here')
      await put('a', 'one')
      await world.refuse(reason)
      await expect(world.reader.head(at('a'))).rejects.toSatisfy(because(reason, kind))
      await expect(world.reader.objects(world.bucket, '', 1)).rejects.toSatisfy(because(reason, kind))
      await expect(put('b', 'two')).rejects.toSatisfy(because(reason, kind))
    })

    test('a full bucket is read, and takes nothing', async (it) => {
      if (!world.refuse) return it.skip('it cannot be told to refuse here')
      await put('a', 'one')
      await world.refuse('quota')
      expect(text(await world.reader.read(at('a'), 10))).toBe('one')
      await expect(put('b', 'two')).rejects.toSatisfy(because('quota', 'forbidden'))
    })

    test('a storage that is down is unreachable', async (it) => {
      if (!world.takeDown) return it.skip('it cannot be taken down here')
      await world.takeDown()
      await expect(world.reader.head(at('a'))).rejects.toSatisfy(is('unreachable'))
    })
  })
}

const is = (kind: PortFailure['kind']) => (error: unknown) => error instanceof PortFailure && error.kind === kind
const because = (reason: StorageReason, kind: PortFailure['kind']) => (error: unknown) =>
  error instanceof StorageFailure && error.reason === reason && error.kind === kind
