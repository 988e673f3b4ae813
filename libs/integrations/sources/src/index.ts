import type { AlertSource } from '@firebreak/flow'
import { alertmanager } from './alertmanager/intake.js'
import { firebreak } from './firebreak/intake.js'

/** Every source that alerts may come from, by id: `POST /v1/alerts/{id}`, our own excepted. */
export const sources: ReadonlyMap<string, AlertSource> = new Map<string, AlertSource>(
  [alertmanager, firebreak].map((source) => [source.id, source]),
)
