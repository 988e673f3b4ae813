export type ExportErrorCode = 'not-covered' | 'unreadable' | 'changed' | 'empty-selection'

/** No bundle came of it; what was written so far is not one, and no checker takes it for one. */
export class ExportError extends Error {
  constructor(
    readonly code: ExportErrorCode,
    sentence: string,
  ) {
    super(sentence)
    this.name = 'ExportError'
  }
}
