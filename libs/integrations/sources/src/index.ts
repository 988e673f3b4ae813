import type { AlertSource } from '@firebreak/flow'
import { alertmanager } from './alertmanager/intake.js'

/** Every source that alerts may come from, by id: `POST /v1/alerts/{id}`. */
export const sources: ReadonlyMap<string, AlertSource> = new Map([alertmanager].map((source) => [source.id, source]))
