import { expect, test } from 'vitest'
import { matches, shown, type Press } from './keys.js'

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
