export { append, streamLengths, type AppendContext, type Appended, type Draft, type Personal } from './append.js'
export { rows, type Tx } from './connection.js'
export { Cosigner, type CosignerAnswer, HttpCosigner } from './cosigner.js'
export { makeKeyFile, readKeyFile, readVkeyFile, vkeysIn, writeVkeyFile } from './key-file.js'
export { changeLogKey, openLogFolder } from './log-folder.js'
export { logKeys, type LogKey } from './log-keys.js'
export {
  advisoryLock,
  advisoryLocks,
  LockedTooLate,
  lockStreams,
  LOCK_SPACES,
  type LockMode,
  type LockSpace,
  type Wanted,
} from './locks.js'
export { auditMigrations, type Migration } from './migrations/index.js'
export { Notary, NotaryMemory, type NotaryReply } from './notary.js'
export { openNotaryFolder } from './notary-folder.js'
export { notaryServer } from './notary-http.js'
export { type TrustedNotary } from './publisher.js'
export {
  checkpointAt,
  entriesAt,
  disclosuresOf,
  entriesBetween,
  LogHole,
  entriesFound,
  newestCheckpoint,
  olderCheckpoints,
  positionsOf,
  proofReader,
  readTile,
  rootOf,
  type CoveredEntry,
  type EntryFilter,
  type ProofReader,
  type PublishedCheckpoint,
} from './reads.js'
export { LogRefused, type LogRefusalCode } from './refusal.js'
export { Sequencer, type Round, type SequencerOptions, type Session } from './sequencer.js'
