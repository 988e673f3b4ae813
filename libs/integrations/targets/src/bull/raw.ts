import type { FailedJob } from '@firebreak/kit'

/** As much of a Redis client as is asked here; Bull and BullMQ bring one each. */
export interface RawRedis {
  zscore(key: string, member: string): Promise<string | null>
  lindex(key: string, at: number): Promise<string | null>
  zrange(key: string, start: number, stop: number): Promise<string[]>
  zrevrange(key: string, start: number, stop: number): Promise<string[]>
  hstrlen(key: string, field: string): Promise<number>
  hget(key: string, field: string): Promise<string | null>
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>
}

/** Data that are larger are not read: some are 30 MB, and a list of them would fill the memory. Bytes. */
export const LARGEST_DATA = 4_000_000
const LARGEST_TEXT = 200_000
const [MOST_LINES, MOST_LETTERS, MOST_EARLIER] = [8, 300, 20]

/**
 * A failed job as Bull and BullMQ both keep it: an id in the sorted set `failed`, and a hash of that id. Read field by
 * field and not by their own classes, which read all of it and throw where the data are no JSON: then nobody could list the
 * queue because of one job in it. `undefined` when it is not there, or not failed.
 */
export async function failedJobIn(
  redis: RawRedis,
  keyOf: (suffix: string) => string,
  queue: string,
  id: string,
): Promise<FailedJob | undefined> {
  const key = keyOf(id)
  const [failed, bytes, stackBytes, reasonBytes, fields] = await Promise.all([
    redis.zscore(keyOf('failed'), id),
    redis.hstrlen(key, 'data'),
    redis.hstrlen(key, 'stacktrace'),
    redis.hstrlen(key, 'failedReason'),
    // `atm` is what BullMQ calls attemptsMade since its fourth version.
    redis.hmget(key, 'name', 'atm', 'attemptsMade', 'finishedOn'),
  ])
  const [name, atm, attemptsMade, finishedOn] = fields
  if (failed === null || name === undefined || name === null) return undefined
  const text = (length: number, field: string) => (length <= LARGEST_TEXT ? redis.hget(key, field) : null)
  const [data, stacks, reason] = await Promise.all([
    bytes <= LARGEST_DATA ? redis.hget(key, 'data') : null,
    text(stackBytes, 'stacktrace'),
    text(reasonBytes, 'failedReason'),
  ])
  const attempts = tracesIn(stacks)
  return {
    queue,
    id,
    name,
    data: parsed(data ?? ''),
    bytes,
    reason: reason ?? (reasonBytes > LARGEST_TEXT ? `an error of ${reasonBytes} bytes` : ''),
    earlier: attempts.slice(1, 1 + MOST_EARLIER).map(saidIn),
    log: (attempts[0] ?? '').split('\n').slice(0, MOST_LINES).map((line) => line.trim().slice(0, MOST_LETTERS)), // prettier-ignore
    attempts: Number(atm ?? attemptsMade ?? 0) || 0,
    failed_ms: Number(finishedOn ?? 0) || 0,
  }
}

/** The last moment of which there is a date, in milliseconds since 1970. */
const LAST_MOMENT = 8.64e15

/**
 * When the job that is next in turn was given: jobs are put in at the head of a list and taken from its tail, those with a
 * priority (BullMQ) wait in a set of their own, and those of a paused queue in a list of theirs.
 */
export async function nextSinceIn(redis: RawRedis, keyOf: (suffix: string) => string): Promise<number | undefined> {
  const [waiting, paused, [first] = []] = await Promise.all([
    redis.lindex(keyOf('wait'), -1),
    redis.lindex(keyOf('paused'), -1),
    redis.zrange(keyOf('prioritized'), 0, 0),
  ])
  const next = [waiting, paused, first].filter((id) => id !== null && id !== undefined)
  const given = await Promise.all(next.map((id) => redis.hget(keyOf(id), 'timestamp')))
  // Whoever gives a job writes its time: one that no calendar has is none.
  const times = given.map(Number).filter((time) => time > 0 && time <= LAST_MOMENT)
  return times.length === 0 ? undefined : Math.min(...times)
}

/** Failed jobs, the newest first, at most `limit`. One that was taken away in between is left out. */
export async function failedJobsIn(
  redis: RawRedis,
  keyOf: (suffix: string) => string,
  queue: string,
  limit: number,
): Promise<FailedJob[]> {
  if (limit <= 0) return []
  const ids = await redis.zrevrange(keyOf('failed'), 0, limit - 1)
  const found: FailedJob[] = []
  // A few at a time: each may bring its data.
  for (let at = 0; at < ids.length; at += 20) {
    const jobs = await Promise.all(ids.slice(at, at + 20).map((id) => failedJobIn(redis, keyOf, queue, id)))
    found.push(...jobs.filter((job) => job !== undefined))
  }
  return found
}

/** The traces of the attempts, the newest first. Both keep them in the order in which they came. */
function tracesIn(text: string | null): string[] {
  const traces = parsed(text ?? '')
  return Array.isArray(traces) ? traces.filter((trace) => typeof trace === 'string').reverse() : []
}

/** What an error said, from its stack: without the frames, and without the name of its class. */
function saidIn(trace: string): string {
  const end = trace.search(/\n\s+at /)
  return (end < 0 ? trace : trace.slice(0, end)).replace(/^[A-Z]\w*: /, '')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
