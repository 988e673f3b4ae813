import { Page, parseCheckpoint, parseNote, utf8, type Shown } from '@firebreak/audit-log'
import type { StoredEntry } from './bundle.js'
import { ExportError } from './error.js'
import { parsed } from './selection.js'

export interface ReportInput {
  entries: AsyncIterable<StoredEntry>
  checkpoint: string
  shown: Shown
  progress?: (done: number) => void
}

/** The page for reading alone, as it lies in a bundle too. A view and no evidence: nothing beside it proves it. */
export async function makeReport(input: ReportInput): Promise<{ html: Uint8Array; entries: number }> {
  const page = new Page(parseCheckpoint(parseNote(input.checkpoint).text), input.shown)
  let entries = 0
  for await (const { body, position } of input.entries) {
    page.add(parsed(body), position)
    entries++
    input.progress?.(entries)
  }
  if (entries === 0) throw new ExportError('empty-selection', 'Nothing that the checkpoint covers is as was asked for.')
  return { html: utf8(page.html()), entries }
}
