import Queue from 'bull'

/** Loses all of Redis, as a restart without a disk would. */
export async function flush(url: string): Promise<void> {
  const queue = new Queue('flush', url)
  queue.on('error', () => undefined)
  try {
    await queue.client.flushall()
  } finally {
    await queue.close(true).catch(() => undefined)
  }
}
