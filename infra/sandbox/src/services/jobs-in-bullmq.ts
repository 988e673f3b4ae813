import type { Document, Work } from './jobs.js'
import { JobsInRedis } from './jobs-in-redis.js'

/** @param jobMs how long the worker takes for a job, in milliseconds of the wall */
export const jobsInBullMq = (
  name: string,
  redisUrl: string,
  work: Work,
  jobMs: number,
  print: (line: string) => void,
): JobsInRedis =>
  new JobsInRedis(
    'BullMQ',
    name,
    async (onError) => {
      const { Queue, Worker } = await import('bullmq')
      const connection = { url: redisUrl, maxRetriesPerRequest: null }
      const queue = new Queue(name, { connection })
      const worker = new Worker<Document>(
        name,
        async ({ id, data }) => {
          await new Promise((resolve) => setTimeout(resolve, jobMs))
          work(String(id), data)
        },
        { connection },
      )
      queue.on('error', onError)
      worker.on('error', onError)
      return {
        async counts() {
          const { wait = 0, active = 0, failed = 0 } = await queue.getJobCounts('wait', 'active', 'failed')
          return { waiting: wait, active, failed }
        },
        add: (id, data) => queue.add('read-document', data, { jobId: id, removeOnComplete: 100 }),
        staff: async (staffed) => (staffed ? worker.resume() : worker.pause(true)),
        async all() {
          const jobs = await queue.getJobs(['wait', 'failed', 'delayed', 'completed'])
          return jobs.map((job) => ({ id: job.id ?? '', remove: () => job.remove() }))
        },
        close: () => worker.close(true).finally(() => queue.close()),
      }
    },
    print,
  )
