import type { Rehearsal } from '../rehearsal.js'

export const rehearsals: readonly Rehearsal[] = [
  {
    faults: ['batch-misspelt'],
    becomes: 'batch-failures',
    service: 'batch',
    ends: 'succeeded',
    says: 'Jobs spell a folder wrong; put right, they go through, and those that are done or poison stay.',
  },
  {
    faults: ['batch-misspelt', 'batch-still-broken'],
    becomes: 'batch-failures',
    service: 'batch',
    ends: 'needs-a-person',
    says: 'The cause is still there: those that go ahead fail again, the rest stays where it is.',
  },
  {
    faults: ['jobs-misspelt'],
    becomes: 'batch-failures',
    service: 'batch',
    ends: 'succeeded',
    says: 'Jobs of the cluster spell a folder wrong; made anew with the right one, each reads its document, once.',
  },
  {
    faults: ['jobs-misspelt', 'jobs-still-broken'],
    becomes: 'batch-failures',
    service: 'batch',
    ends: 'needs-a-person',
    says: 'Their program is broken as well: the Jobs that go ahead fail again, and no other is made anew.',
  },
  {
    faults: ['scans-misspelt'],
    becomes: 'batch-failures',
    service: 'batch',
    ends: 'succeeded',
    says: 'The same in a queue of BullMQ.',
  },
  {
    faults: ['jobs-misspelt', 'dropped-after'],
    becomes: 'batch-failures',
    service: 'batch',
    ends: 'succeeded',
    changes: 6,
    says: 'The answer to the first Job that is made anew is lost: it is found there, and no Job is made twice.',
  },
]
