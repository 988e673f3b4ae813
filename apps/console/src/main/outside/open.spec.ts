import { beforeEach, expect, test } from 'vitest'
import { Opener } from './open.js'

let opened: string[]
let asked: string[]
let said: string[]
let yes: boolean
let opener: Opener
beforeEach(() => {
  ;[opened, asked, said, yes] = [[], [], [], true]
  opener = new Opener(
    {
      openExternal: async (url) => void opened.push(url),
      ask: async (host) => {
        asked.push(host)
        return yes
      },
      say: (why) => void said.push(why),
    },
    ['grafana.example'],
  )
})

test('SEC-31: the host is shown before its first link opens, and not again', async () => {
  expect(await opener.open('https://grafana.example/d/1')).toBe(true)
  expect(await opener.open('https://grafana.example/d/2')).toBe(true)
  expect(opened).toEqual(['https://grafana.example/d/1', 'https://grafana.example/d/2'])
  expect(asked).toEqual(['grafana.example'])
})

test('a no opens nothing, and is not remembered as a yes', async () => {
  yes = false
  expect(await opener.open('https://grafana.example/')).toBe(false)
  yes = true
  expect(await opener.open('https://grafana.example/')).toBe(true)
  expect(asked).toHaveLength(2)
})

test('what is refused is said, and nobody is asked', async () => {
  expect(await opener.open('javascript:alert(1)')).toBe(false)
  expect([opened, asked]).toEqual([[], []])
  expect(said).toEqual(['This link is not opened: only https: is opened, and this is javascript:.'])
})

test('a system without a browser is said too', async () => {
  const broken = new Opener({ openExternal: async () => Promise.reject(new Error('no')), ask: async () => true, say: (why) => void said.push(why) }, ['grafana.example']) // prettier-ignore
  expect(await broken.open('https://grafana.example/')).toBe(false)
  expect(said).toEqual(['The system has no browser that opens this link.'])
})

test('people sign in at the provider that was named, and a document of it sends them nowhere else', async () => {
  expect(await opener.openProvider('https://id.example/auth?x=1', 'https://id.example/realm')).toBe(true)
  expect(await opener.openProvider('https://evil.example/auth', 'https://id.example/realm')).toBe(false)
  expect(await opener.openProvider('file:///etc/passwd', 'https://id.example')).toBe(false)
  expect(opened).toEqual(['https://id.example/auth?x=1'])
})
