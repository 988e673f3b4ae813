import { resolve } from 'node:path'

/** The checkout. The same from the sources and from what is built of them: both lie three folders deep. */
export const ROOT = resolve(import.meta.dirname, '../../..')
