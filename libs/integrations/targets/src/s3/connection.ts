import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3'
import type { ObjectRef, StoredObject } from '@firebreak/kit'
import { failureOf, orUndefined } from './failure.js'
import { named, place, stored } from './objects.js'

export interface S3Options {
  /** Such as `http://minio:9000`; a path in it is kept. */
  endpoint: string
  region?: string
  /** Asked for each request, so that a rotated key needs no restart. It appears in no error. */
  credentials: () => { accessKeyId: string; secretAccessKey: string }
  timeoutMs?: number
}

/** One connection to one storage, with one set of credentials. */
export class S3Connection {
  readonly client: S3Client
  readonly #timeoutMs: number

  constructor({ endpoint, region = 'us-east-1', credentials, timeoutMs = 5_000 }: S3Options) {
    this.#timeoutMs = timeoutMs
    this.client = new S3Client({
      endpoint,
      region,
      // The client keeps what it was given until it expires: this has expired already, so it asks each time.
      credentials: async () => ({ ...credentials(), expiration: new Date(0) }),
      forcePathStyle: true,
      // Whether a request is still wanted is the runner's to know.
      maxAttempts: 1,
      // What is not AWS often knows no trailing checksums.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    })
  }

  /** Asks, within the time limit; every failure is a `PortFailure`. */
  async ask<T>(
    about: string,
    call: (client: S3Client, options: { abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const signal = AbortSignal.timeout(this.#timeoutMs)
    try {
      return await call(this.client, { abortSignal: signal })
    } catch (error) {
      throw failureOf(error, about, signal)
    }
  }
  async head(ref: ObjectRef): Promise<StoredObject | undefined> {
    const asked = this.ask(named(ref), (client, options) => client.send(new HeadObjectCommand(place(ref)), options))
    const found = await orUndefined(asked)
    return found && stored(ref, found)
  }
}
