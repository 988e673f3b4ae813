export { ExportError, writeBundle } from './bundle.js'
export type { Blob, BundleInput, BundleMade, ExportErrorCode, Sink, StoredEntry } from './bundle.js'
