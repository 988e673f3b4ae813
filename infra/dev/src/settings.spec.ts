import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { needPort, parseSettings } from './settings.js'

test('without a word, everything is as the README says', () => {
  const settings = parseSettings([], {})
  expect(settings).toMatchObject({ port: 4600, sandboxPort: 4700, notaryPort: undefined, once: false, story: true })
  expect(settings.monitors).toBe('either')
  expect(settings.data).toMatch(/\/\.firebreak$/)
  expect(settings.config).toMatch(/\/firebreak\.yaml$/)
})

test('arguments and environment are taken, and what is wrong is named', () => {
  expect(parseSettings(['--once'], { FIREBREAK_PORT: '5600' })).toMatchObject({ once: true, port: 5600 })
  expect(parseSettings(['--no-story'], { FIREBREAK_DATA: '/srv/firebreak' })).toMatchObject({
    story: false,
    data: '/srv/firebreak',
  })
  expect(() => parseSettings(['--onse'], {})).toThrow(/--onse is not known here[^]*--once/)
  expect(() => parseSettings(['--once', '--no-story'], {})).toThrow(/--no-story leaves it out/)
  expect(parseSettings([], { FIREBREAK_MONITORS: 'sandbox' }).monitors).toBe('sandbox')
  expect(() => parseSettings([], { FIREBREAK_MONITORS: 'none' })).toThrow(/real or sandbox was expected/)
  for (const port of ['http', '0', '65536', '4600.5'])
    expect(() => parseSettings([], { FIREBREAK_PORT: port })).toThrow(/FIREBREAK_PORT is/)
})

test('a port that is taken is told with the variable to set', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((listening) => server.once('listening', listening))
  const { port } = server.address() as { port: number }
  await expect(needPort(port, 'FIREBREAK_PORT', 0)).rejects.toThrow(/set FIREBREAK_PORT to a free port/)
  // With patience, for a start after a crash: whoever listens may be about to end.
  const waited = needPort(port, 'FIREBREAK_PORT', 20_000)
  server.close()
  await waited
})
