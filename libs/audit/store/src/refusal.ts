export type LogRefusalCode =
  /** There are fewer leaves than the notary has signed for: the database is an old copy. */
  | 'LOG_REGRESSED'
  /** The notary holds another tree of the same origin. */
  | 'LOG_FORKED'
  /** The database came from another cluster, whose transaction ids mean nothing here. */
  | 'OTHER_CLUSTER'
  /** The key at hand is not the log's, and nothing hands the log over to it. */
  | 'WRONG_KEY'
  /** The key at hand has another name, and nobody has approved that its log succeeds this one. */
  | 'NOT_APPROVED'
  /** Leaves, tiles and cursor do not fit each other: somebody wrote to them around the sequencer. */
  | 'LOG_DAMAGED'
  /** Another sequencer leads. */
  | 'ZOMBIE'
  /** An entry is not what its row says. */
  | 'ENTRY_REFUSED'

/** The sequencer will not go on, and nothing it can do by itself would change that. The sentence says what people can do. */
export class LogRefused extends Error {
  constructor(
    readonly code: LogRefusalCode,
    sentence: string,
  ) {
    super(`${code}: ${sentence}`)
    this.name = 'LogRefused'
  }
}
