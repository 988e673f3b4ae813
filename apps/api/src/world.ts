import type { World } from '@firebreak/flow'
import { v7 as uuidv7 } from 'uuid'
import { token } from './http/plain.js'

/** The clock and the ids of the API. Its own interface is the domain's `World`. */
export const WORLD = token<World>('world')
export const NOW = token<() => Date>('now')

export const newId = (prefix: string): string => `${prefix}_${uuidv7()}`
