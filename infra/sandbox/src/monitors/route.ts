import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { fields, milliseconds } from './reading.js'
import { RULES } from './rules.js'

/** How alerts are grouped and when a group is told, as Alertmanager's `route` says it. */
export interface Route {
  receiver: string
  groupBy: string[]
  waitMs: number
  intervalMs: number
  repeatMs: number
}

/** The route of `alertmanager.yaml`, the file that a real Alertmanager gets too. Throws when it has more than one. */
export function readRoute(folder = RULES): Route {
  const file = join(folder, 'alertmanager.yaml')
  try {
    const { route } = fields(parse(readFileSync(file, 'utf8')), 'the file', ['route', 'receivers'])
    const read = fields(route, 'the route', ['receiver', 'group_by', 'group_wait', 'group_interval', 'repeat_interval'])
    const { receiver, group_by: groupBy } = read
    if (typeof receiver !== 'string') throw new Error('the route names no receiver')
    if (!Array.isArray(groupBy) || !groupBy.every((label) => typeof label === 'string'))
      throw new Error('group_by is no list of labels')
    return {
      receiver,
      groupBy,
      waitMs: milliseconds(read.group_wait, 'group_wait'),
      intervalMs: milliseconds(read.group_interval, 'group_interval'),
      repeatMs: milliseconds(read.repeat_interval, 'repeat_interval'),
    }
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
