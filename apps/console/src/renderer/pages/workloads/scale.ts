import { paths } from '../../paths.js'
import type { Workload } from './workload.js'

/** The form of the recipe that scales this workload, filled in as far as it is known; undefined where no recipe may. */
export const scaleLink = ({ service, missed }: Pick<Workload, 'service' | 'missed'>) =>
  service === null || missed
    ? undefined
    : ({ to: paths.recipe, params: { id: 'scale-api' }, search: { service } } as const)

/** Why it cannot be scaled from here. */
export const whyNotScale = ({ service, missed }: Pick<Workload, 'service' | 'missed'>): string | null =>
  service === null
    ? 'No service of the house runs on it (firebreak.yaml, services), and recipes know those only.'
    : missed
      ? 'The worker did not see it when it last looked: it is gone, or cannot be looked at.'
      : null
