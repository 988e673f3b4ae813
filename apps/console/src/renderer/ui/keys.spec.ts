import { describe, expect, test } from 'vitest'
import { ariaKeys, find, matches, shown, type Press } from './keys.js'

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  isComposing: false,
  ...more,
})

test('a letter is a key outside text, and a letter in it', () => {
  expect(matches('e', press('e'), false)).toBe(true)
  expect(matches('e', press('e'), true)).toBe(false)
  expect(matches('e', press('e', { ctrlKey: true }), false)).toBe(false)
})

test('Ctrl and ⌘ are the same key, also in text', () => {
  expect(matches('Mod+Enter', press('Enter', { ctrlKey: true }), true)).toBe(true)
  expect(matches('Mod+Enter', press('Enter', { metaKey: true }), false)).toBe(true)
  expect(matches('Mod+Enter', press('Enter'), false)).toBe(false)
})

test('Escape leaves everything', () => {
  expect(matches('Escape', press('Escape'), true)).toBe(true)
})

test('a key that is held down, or part of composing a letter, is no press', () => {
  expect(matches('Mod+Enter', press('Enter', { ctrlKey: true, repeat: true }), false)).toBe(false)
  expect(matches('e', press('e', { isComposing: true }), false)).toBe(false)
})

test('keys are printed as they stand on the keyboard', () => {
  expect(shown('Mod+Enter')).toMatch(/^(Ctrl|⌘) ↵$/)
  expect(shown('Escape')).toBe('Esc')
})

describe('of all that is bound', () => {
  const bindings = ['e', 'g i', 'g r', 'i', 'Mod+k', 'Escape', 'ArrowDown', '?'].map((keys) => ({ keys }))
  const outside = { inText: false, letters: true }
  const does = (key: string, begun: string | null = null, where = outside, more: Partial<Press> = {}) =>
    find(bindings, begun, press(key, more), where)

  test('two keys one after the other are one', () => {
    expect(does('g')).toEqual({ begun: 'g' })
    expect(does('i', 'g').binding).toEqual({ keys: 'g i' })
    expect(does('i').binding).toEqual({ keys: 'i' })
    // What continues no sequence is what it is alone.
    expect(does('e', 'g').binding).toEqual({ keys: 'e' })
    expect(does('x', 'g')).toEqual({})
  })

  test('the last that was bound goes first', () => {
    const two = [{ keys: 'e', at: 1 }, { keys: 'e', at: 2 }] // prettier-ignore
    expect(find(two, null, press('e'), outside).binding).toEqual({ keys: 'e', at: 2 })
  })

  test('keys of single characters can be turned off, and the others stay', () => {
    const off = { inText: false, letters: false }
    for (const key of ['e', 'i', '?', 'g']) expect(does(key, null, off), key).toEqual({})
    expect(does('i', 'g', off)).toEqual({})
    expect(does('k', null, off, { ctrlKey: true }).binding).toEqual({ keys: 'Mod+k' })
    expect(does('Escape', null, off).binding).toEqual({ keys: 'Escape' })
    expect(does('ArrowDown', null, off).binding).toEqual({ keys: 'ArrowDown' })
  })

  test('in text nothing begins a sequence', () => {
    expect(does('g', null, { inText: true, letters: true })).toEqual({})
  })
})

test('what assistive technology is told of keys', () => {
  expect(ariaKeys('Mod+Enter')).toMatch(/^(Control|Meta)\+Enter$/)
  expect(ariaKeys('g i')).toBeUndefined()
})
