/**
 * What a recipe may look with, and what a verb may act with.
 *
 * Readers and hands are different classes on purpose: `diagnose` is given readers only, so a recipe that writes
 * while it looks does not compile; behind them stand two sets of credentials. Quantities are integers in named units.
 */

import type { EvidenceRules, Things } from './directory.js'
import type { ClusterHands, ClusterReader, WorkloadRef } from './ports/cluster.js'
import { PortFailure, type PortFailureKind } from './ports/failure.js'
import type { EvidenceHands, EvidenceReader } from './ports/evidence.js'
import type { MetricsReader } from './ports/metrics.js'
import type { PastRuns } from './ports/past-runs.js'
import type { SmokeReader } from './ports/smoke.js'
import type { TracesReader } from './ports/traces.js'

export * from './ports/cluster.js'
export * from './ports/evidence.js'
export * from './ports/failure.js'
export * from './ports/metrics.js'
export * from './ports/past-runs.js'
export * from './ports/smoke.js'
export * from './ports/traces.js'
export { boundsOf } from './ports/log-bounds.js'
export { plainLine, plainLines } from './ports/plain-text.js'

/** A service of the house, from `firebreak.yaml`: what runs it and how it is measured. */
export interface Service {
  name: string
  environment: string
  deployment: WorkloadRef
  /** p95 above this is slow. Milliseconds. */
  p95_threshold_ms: number
  /** Replicas that a recipe may ask for at most. */
  max_replicas: number
  metrics: {
    p95_ms: string
    requests_per_second?: string | undefined
    utilisation_percent?: string | undefined
    downstream_depth?: string | undefined
    downstream_growth_per_minute?: string | undefined
  }
}

/** What the house knows of its services and of the things around them; read from `firebreak.yaml`, never from an alert. */
export abstract class ServiceDirectory {
  abstract service(name: string): Service | undefined
  abstract services(): Service[]
  /** Queues, buckets, models, OCR and smoke suites, each sorted as the house names them. */
  abstract things(): Things
  /** What evidence is made of. */
  abstract evidence(): EvidenceRules
}

/** Everything that looks. */
export interface Readers {
  cluster: ClusterReader
  metrics: MetricsReader
  directory: ServiceDirectory
  queues: JobQueuesReader
  objects: ObjectStoreReader
  registry: ModelRegistryReader
  ocr: OcrReader
  smoke: SmokeReader
  past: PastRuns
  traces: TracesReader
  evidence: EvidenceReader
}

/** Everything that acts. Each verb names in `needs` which rights its port method uses. */
export interface Hands {
  cluster: ClusterHands
  queues: JobQueuesHands
  objects: ObjectStoreHands
  registry: ModelRegistryHands
  evidence: EvidenceHands
}

/** A version of a registered model. Times are wall time in milliseconds. */
export interface ModelVersion {
  model: string
  /** A whole number as text, counted up by the registry. */
  version: string
  /** Names that point at it, sorted. */
  aliases: string[]
  tags: Record<string, string>
  /** Where its files are. */
  source: string
  created_ms: number
}

/** A model in the registry. */
export interface RegisteredModel {
  name: string
  /** Which version each name points at. */
  aliases: Record<string, string>
  tags: Record<string, string>
}

/** Looks at the model registry (MLflow REST). Answers `undefined` for a thing that is not there. */
export abstract class ModelRegistryReader {
  abstract model(name: string): Promise<RegisteredModel | undefined>
  abstract version(model: string, version: string): Promise<ModelVersion | undefined>
  /** Every version, the newest first; none for a model that is not there. */
  abstract versions(model: string): Promise<ModelVersion[]>
}

/**
 * Changes names and tags in the model registry. The registry has no preconditions: the last one to write wins, so a
 * verb reads back what it wrote. Each method can be repeated; what is not there is `PortFailure('not-found')`.
 */
export abstract class ModelRegistryHands {
  /** The name points at this version from now on, wherever it pointed before. */
  abstract setAlias(model: string, alias: string, version: string): Promise<void>
  /** The name points nowhere; it may not have been there. */
  abstract removeAlias(model: string, alias: string): Promise<void>
  abstract tagVersion(model: string, version: string, key: string, value: string): Promise<void>
  /** The tag is not there afterwards; it may not have been there. */
  abstract untagVersion(model: string, version: string, key: string): Promise<void>
}

/** Where an object lies, and which version of it; without one it is the newest. */
export interface ObjectRef {
  bucket: string
  key: string
  version?: string
}

/** An object as it was found. */
export interface StoredObject {
  bucket: string
  key: string
  /** Changes with the content: the precondition of `put`. Without quotes. */
  etag: string
  bytes: number
  /** Missing where the bucket keeps no versions. */
  version?: string
  modified_ms: number
}

/** One of the versions of an object. A deletion is a version too. */
export interface ObjectVersion {
  key: string
  version: string
  newest: boolean
  deleted: boolean
  bytes: number
  modified_ms: number
}

/** Why the storage refused: the page of the runbook asks for the cause, and `forbidden` has three. */
export type StorageReason = 'denied' | 'expired' | 'quota' | 'throttled' | 'unavailable'

/** What the ports of the object storage throw when it is the storage that refuses. */
export class StorageFailure extends PortFailure {
  constructor(
    readonly reason: StorageReason,
    message: string,
    kind: PortFailureKind = reason === 'throttled'
      ? 'throttled'
      : reason === 'unavailable'
        ? 'unreachable'
        : 'forbidden',
  ) {
    super(kind, message)
    this.name = 'StorageFailure'
  }
}

/** Looks at the object storage (S3). Answers `undefined` for an object that is not there; a missing bucket is `not-found`. */
export abstract class ObjectStoreReader {
  /** Objects whose key begins with `prefix`, in the order of their keys, at most `limit`. */
  abstract objects(bucket: string, prefix: string, limit: number): Promise<StoredObject[]>
  abstract head(ref: ObjectRef): Promise<StoredObject | undefined>
  /** The content. More than `most` bytes are `PortFailure('invalid')`, and are not read. */
  abstract read(ref: ObjectRef, most: number): Promise<Uint8Array | undefined>
  /** Of the whole content, however large: the same for the same content, and for no other. Not an etag, which promises less. */
  abstract digest(ref: ObjectRef): Promise<string | undefined>
  /** Every version of exactly this key, the newest first; none where the bucket keeps none. */
  abstract versions(bucket: string, key: string): Promise<ObjectVersion[]>
  abstract tags(ref: ObjectRef): Promise<Record<string, string> | undefined>
}

/** Changes the object storage. A precondition that does not hold is `PortFailure('conflict')`, and nothing changed. */
export abstract class ObjectStoreHands {
  /** Writes an object. `expect` is the etag of what is there now, or `null`: nothing may be there. */
  abstract put(
    ref: { bucket: string; key: string },
    content: Uint8Array,
    expect: string | null,
  ): Promise<{ etag: string; version?: string }>
  /** Copies inside the storage, whatever was at `to` before. `expect` is the etag that `from` must have. */
  abstract copy(
    from: ObjectRef,
    to: { bucket: string; key: string },
    expect: string,
  ): Promise<{ etag: string; version?: string }>
  /**
   * Moves an object inside the storage; `expect` is the etag that it must have. S3 has no such thing: it is a copy and then a
   * deletion, so whoever dies in between leaves two of it, and never none. The same content that lies at `to` already is
   * such a copy, and the move goes on from it; anything else there is a `conflict`. Refused the deletion, it takes its copy
   * away again. What somebody uploads between the two is kept where the storage compares on deletion (`delete`).
   */
  abstract move(
    from: { bucket: string; key: string },
    to: { bucket: string; key: string },
    expect: string,
  ): Promise<void>
  /**
   * Takes an object away: in a bucket with versions by a mark that can be deleted again, with `version` for ever.
   *
   * @param expect the etag that it must have. Not every storage compares on deletion (AWS does since 2025): one that does
   *   not deletes whatever is there, and in a bucket without versions that is gone
   */
  abstract delete(ref: ObjectRef, expect?: string): Promise<{ mark?: string }>
  /** These tags and no others. */
  abstract setTags(ref: ObjectRef, tags: Record<string, string>): Promise<void>
}

/** A job that failed and waits for somebody. */
export interface FailedJob {
  queue: string
  id: string
  name: string
  /** What it was given: JSON that others wrote. `undefined` where it is no JSON, or larger than is read (`bytes` says). */
  data: unknown
  /** How large its data are, as they are kept. */
  bytes: number
  /** What its last attempt said. */
  reason: string
  /** What the attempts before that said, the newest first, as far as the queue has kept it. */
  earlier: readonly string[]
  /** Some lines more about the last attempt: its stack, or the end of its log. */
  log: readonly string[]
  attempts: number
  failed_ms: number
}

/** How many jobs a queue has, by state. */
export interface QueueCounts {
  waiting: number
  active: number
  delayed: number
  failed: number
}

/** Looks at job queues (Bull, BullMQ, Jobs of the cluster). Which of them a queue is says the house. */
export abstract class JobQueuesReader {
  abstract counts(queue: string): Promise<QueueCounts>
  /**
   * When the waiting job that is next in turn was given to the queue, in milliseconds since 1970; `undefined` when none waits.
   * Where jobs are done in turn it is the one that has waited longest. A job that was queued again keeps its first time.
   */
  abstract nextSince(queue: string): Promise<number | undefined>
  /** Failed jobs, the newest first, at most `limit`. */
  abstract failed(queue: string, limit: number): Promise<FailedJob[]>
  /** A failed job, or `undefined` when it is not there or is not failed. */
  abstract failedJob(queue: string, id: string): Promise<FailedJob | undefined>
  /** Where a job is, whatever became of it. */
  abstract stateOf(
    queue: string,
    id: string,
  ): Promise<'waiting' | 'active' | 'delayed' | 'failed' | 'completed' | undefined>
}

/**
 * Changes job queues. A job that is not there is `PortFailure('not-found')`; one that is no longer failed is
 * `PortFailure('conflict')`: somebody was quicker.
 */
export abstract class JobQueuesHands {
  /**
   * A failed job waits again, with the data that it had, or with other ones. It stays the same job, under the same id, also
   * where what does it is made anew, as in a cluster.
   */
  abstract retry(queue: string, id: string, data?: unknown): Promise<void>
  /** Takes a failed job away. */
  abstract remove(queue: string, id: string): Promise<void>
  /** A new job. The same `id` twice is one job: the second call changes nothing. */
  abstract submit(queue: string, job: { id: string; name: string; data: unknown }): Promise<void>
}

/** What an engine read. */
export interface Recognised {
  text: string
  /** Whole percent, as the engine itself says. */
  confidence_percent: number
}

/** Asks an OCR engine to read a sample (HTTP). Nothing is changed by it; which engine serves is a routing config. */
export abstract class OcrReader {
  /** An image (PNG) that cannot be read is `PortFailure('invalid')`; an engine that is down, `unreachable`. */
  abstract recognise(engine: string, image: Uint8Array): Promise<Recognised>
}
