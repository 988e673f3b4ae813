import { ageOf, duration } from '../age.js'
import type { CronJob, Job } from '../objects.js'
import { selectorText } from '../objects.js'
import { isCount, isObject, missing, resource, wrong } from '../resource.js'
import type { Cause } from '../status.js'
import { readSchedule } from '../../world/cron.js'
import { containersOf, podFaults, withPodDefaults } from './pod-template.js'

const group = 'batch'
const version = 'v1'

const jobDefaults = (spec: Job['spec'], uid: string, name: string): Job['spec'] => {
  const template = withPodDefaults(spec.template, '')
  const own = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'job-name': name,
    'controller-uid': uid,
  }
  return {
    ...spec,
    parallelism: spec.parallelism ?? 1,
    completions: spec.completions ?? 1,
    backoffLimit: spec.backoffLimit ?? 6,
    suspend: spec.suspend ?? false,
    selector: spec.selector ?? { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
    template: isObject(template)
      ? { ...template, metadata: { ...template.metadata, labels: { ...template.metadata?.labels, ...own } } }
      : template,
  }
}

function jobFaults(spec: Job['spec'], at: string): Cause[] {
  const policy = spec.template?.spec?.restartPolicy
  return [
    ...(['parallelism', 'completions', 'backoffLimit'] as const).flatMap((field) =>
      spec[field] === undefined || isCount(spec[field])
        ? []
        : [wrong(`${at}.${field}`, spec[field], 'must be greater than or equal to 0')],
    ),
    ...podFaults(spec.template, `${at}.template`),
    ...(policy === 'Never' || policy === 'OnFailure'
      ? []
      : [
          {
            ...missing(`${at}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'),
          },
        ]),
  ]
}

const conditionOf = ({ status: { conditions = [] } }: Job) =>
  conditions.find(
    ({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed' || type === 'Suspended'),
  )

export const jobs = resource<Job>({
  group,
  version,
  kind: 'Job',
  shortNames: [],
  inAll: true,
  description: 'Job represents the configuration of a single job. Its pods do what the sandbox was told that they do.',
  subresources: ['status'],
  selectable: ['status.successful'],
  columns: [
    { name: 'Status', cell: (job) => conditionOf(job)?.type ?? 'Running' },
    { name: 'Completions', cell: ({ spec, status }) => `${status.succeeded ?? 0}/${spec.completions}` },
    {
      name: 'Duration',
      cell: ({ status: { startTime, completionTime } }) =>
        startTime === undefined
          ? ''
          : completionTime === undefined
            ? ageOf(startTime)
            : duration(Date.parse(completionTime) - Date.parse(startTime)),
    },
    { name: 'Containers', cell: ({ spec }) => containersOf(spec.template).names, wide: true },
    { name: 'Images', cell: ({ spec }) => containersOf(spec.template).images, wide: true },
    { name: 'Selector', cell: ({ spec }) => selectorText(spec.selector.matchLabels), wide: true },
  ],
  defaults: (object) =>
    isObject(object.spec)
      ? { ...object, spec: jobDefaults(object.spec, object.metadata.uid, object.metadata.name) }
      : object,
  faultsOf: ({ spec = {} as Job['spec'] }, before) => [
    ...jobFaults(spec, 'spec'),
    ...(before && !before.spec.suspend && JSON.stringify(before.spec.template) !== JSON.stringify(spec.template)
      ? [wrong('spec.template', '<not shown>', 'field is immutable')]
      : []),
    ...(before && before.spec.completions !== spec.completions
      ? [wrong('spec.completions', spec.completions, 'field is immutable')]
      : []),
  ],
})

export const cronJobs = resource<CronJob>({
  group,
  version,
  kind: 'CronJob',
  shortNames: ['cj'],
  inAll: true,
  description:
    'CronJob represents the configuration of a single cron job. Its schedule follows the clock of the sandbox.',
  subresources: ['status'],
  columns: [
    { name: 'Schedule', cell: ({ spec }) => spec.schedule },
    { name: 'Timezone', cell: () => '<none>' },
    { name: 'Suspend', cell: ({ spec }) => (spec.suspend ? 'True' : 'False') },
    { name: 'Active', cell: ({ status }) => status.active?.length ?? 0 },
    {
      name: 'Last Schedule',
      cell: ({ status }) => (status.lastScheduleTime ? ageOf(status.lastScheduleTime) : '<none>'),
    },
  ],
  defaults: (object) =>
    isObject(object.spec)
      ? {
          ...object,
          spec: {
            concurrencyPolicy: 'Allow',
            suspend: false,
            successfulJobsHistoryLimit: 3,
            failedJobsHistoryLimit: 1,
            ...object.spec,
          },
        }
      : object,
  faultsOf: ({ spec = {} as CronJob['spec'] }) => {
    const inner = isObject(spec.jobTemplate) ? (spec.jobTemplate.spec as Job['spec'] | undefined) : undefined
    return [
      ...(readSchedule(spec.schedule)
        ? []
        : [wrong('spec.schedule', spec.schedule, 'expected five fields as in cron')]),
      ...(['Allow', 'Forbid', 'Replace'].includes(spec.concurrencyPolicy ?? '')
        ? []
        : [wrong('spec.concurrencyPolicy', spec.concurrencyPolicy, 'must be Allow, Forbid or Replace')]),
      ...(isObject(inner) ? jobFaults(inner, 'spec.jobTemplate.spec') : [missing('spec.jobTemplate.spec')]),
    ]
  },
})
