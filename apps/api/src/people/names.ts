import type { DataSource } from 'typeorm'
import { select } from '../http/select.js'

/** Our own processes act too; this is what screens call them. */
const processes: Partial<Record<string, string>> = {
  api: 'Firebreak',
  worker: 'Firebreak',
  sequencer: 'Firebreak',
}

/** Everybody's name by id, read once for one screen. */
export async function nameOf(source: DataSource): Promise<(id: string) => { id: string; name: string }> {
  const people = await select<{ id: string; name: string }>(source, 'select id, name from flow.person')
  const names = new Map(people.map(({ id, name }) => [id, name]))
  return (id) => ({ id, name: names.get(id) ?? processes[id.split('@')[0] ?? id] ?? id })
}
