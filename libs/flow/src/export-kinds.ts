import { classOf, controlPacks, exportFilter, type Completeness, type ExportFilter } from '@firebreak/audit-log'
import type { Json } from '@firebreak/kit'
import { Refused, type Fault } from './refused.js'

/** What can be asked for, and what comes of it. */
export const exportKinds = {
  /** What an auditor checks: entries with proofs, checkpoint, page for reading, manifest. */
  'evidence-bundle': { extension: 'tar', mediaType: 'application/x-tar' },
  /** The bytes that were hashed, one entry a line. */
  ndjson: { extension: 'ndjson', mediaType: 'application/x-ndjson' },
  /** The whole log as C2SP tlog-tiles has it, for tools that are not ours. */
  tiles: { extension: 'tiles.tar', mediaType: 'application/x-tar' },
  /** OCSF events for a SIEM, one a line. A view. */
  ocsf: { extension: 'ocsf.ndjson', mediaType: 'application/x-ndjson' },
  /** For a spreadsheet. A view, no evidence. */
  csv: { extension: 'csv', mediaType: 'text/csv; charset=utf-8' },
  /** The page for reading alone. A view. */
  report: { extension: 'html', mediaType: 'text/html; charset=utf-8' },
} as const
export type ExportKind = keyof typeof exportKinds

/** What somebody asks for. */
export interface ExportOrder {
  kind: ExportKind
  filter: ExportFilter
  /** Control packs to come with a bundle. */
  controls: string[]
  /** Whether personal values come with it. */
  disclose: boolean
}

/** The name of an export's file in the blob store: from the record alone, never from a request. */
export const exportFile = ({ id, kind }: { id: string; kind: ExportKind }): string =>
  `${id}.${exportKinds[kind].extension}`

export const completenessOf = (order: Pick<ExportOrder, 'filter'>): Completeness => classOf(order.filter)

/** The filter in what somebody sent, or what is wrong with it and where. */
export function understood(filter: unknown): ExportFilter {
  const parsed = exportFilter.safeParse(filter)
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ message, path }): Fault => ({
      pointer: `/filter${path.map((part) => `/${String(part)}`).join('')}`,
      message,
    }))
    throw malformed(faults)
  }
  const faults: Fault[] = []
  const { positions, time } = parsed.data
  const empty = 'nothing lies between these two: "to" comes after "from", and is not included'
  if (positions?.from !== undefined && positions.to !== undefined && positions.from >= positions.to)
    faults.push({ pointer: '/filter/positions', message: empty })
  if (time?.from !== undefined && time.to !== undefined && time.from >= time.to)
    faults.push({ pointer: '/filter/time', message: empty })
  if (faults.length > 0) throw malformed(faults)
  return parsed.data
}

/** Throws Refused where an order cannot be understood, or its parts do not go together. */
export function acceptable(order: ExportOrder): void {
  understood(order.filter)
  const faults: Fault[] = []
  if (order.kind === 'tiles' && completenessOf(order) !== 'FULL')
    faults.push({
      pointer: '/filter',
      message: 'a directory of tiles holds the whole log: ask for it without a filter',
    })
  const unknown = order.controls.find((name) => !controlPacks.has(name))
  if (unknown !== undefined)
    faults.push({ pointer: '/controls', message: `there is no control pack ${unknown}, only ${[...controlPacks.keys()].join(' and ')}` }) // prettier-ignore
  if (order.kind !== 'evidence-bundle') {
    if (order.controls.length > 0)
      faults.push({ pointer: '/controls', message: 'control packs come with an evidence bundle' })
    if (order.disclose) faults.push({ pointer: '/disclose', message: 'personal values come with an evidence bundle' })
  }
  if (faults.length > 0) throw malformed(faults)
}

const malformed = (faults: Fault[]) =>
  new Refused('malformed', `The export cannot be made as it was asked for: ${faults[0]!.message}.`, faults)

/** An order as a request's row keeps it, and back. */
export const orderToJson = (order: ExportOrder): Record<string, Json> => ({ ...order, filter: order.filter as Json })
export const orderFromJson = (body: unknown): ExportOrder => {
  const { controls = [], disclose = false, filter = {}, kind } = body as Partial<ExportOrder>
  return { kind: kind ?? 'evidence-bundle', filter: understood(filter), controls, disclose }
}
