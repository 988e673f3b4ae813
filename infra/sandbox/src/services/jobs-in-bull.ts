import type { Job } from 'bull'
import type { Document, Work } from './jobs.js'
import { JobsInRedis } from './jobs-in-redis.js'

/** @param jobMs how long the worker takes for a job, in milliseconds of the wall */
export const jobsInBull = (
  name: string,
  redisUrl: string,
  work: Work,
  jobMs: number,
  print: (line: string) => void,
): JobsInRedis =>
  new JobsInRedis(
    'Bull',
    name,
    async (onError) => {
      const { default: Bull } = await import('bull')
      const queue = new Bull<Document>(name, redisUrl)
      queue.on('error', onError)
      void queue
        // Whatever the job is called: somebody may submit one under another name.
        .process('*', 1, async ({ id, data }: Job<Document>) => {
          await new Promise((resolve) => setTimeout(resolve, jobMs))
          work(String(id), data)
        })
        .catch(onError)
      return {
        counts: () => queue.getJobCounts(),
        add: (id, data) => queue.add('read-document', data, { jobId: id, removeOnComplete: 100 }),
        staff: (staffed) => (staffed ? queue.resume(true) : queue.pause(true, true)),
        async all() {
          const jobs: (Job<Document> | null)[] = await queue.getJobs([
            'waiting',
            'failed',
            'delayed',
            'paused',
            'completed',
          ])
          return jobs.flatMap((job) => (job ? { id: String(job.id), remove: () => job.remove() } : []))
        },
        close: () => queue.close(true),
      }
    },
    print,
  )
