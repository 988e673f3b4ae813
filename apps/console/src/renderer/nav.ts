import { paths } from './paths.js'

/*
 * The pages that are always one press away, in one list: the navigation, the `g` keys and the palette read it. Roles
 * choose the order of the same pages and where one lands; no role has a page of its own.
 */

export interface NavEntry {
  to: (typeof paths)[keyof typeof paths]
  name: string
  /** The second key after `g`: `i` for incidents. */
  key: string
  /** What it is for, as the palette says it. */
  about: string
  /** Its place in the order of each role, the first is where one lands. */
  rank: Record<View, number>
}

/** Whose order of pages: an admin looks as an SRE does. */
const views = ['sre', 'ml', 'security', 'auditor'] as const
export type View = (typeof views)[number]

export const nav: readonly NavEntry[] = [
  {
    ...{ to: paths.incidents, name: 'Incidents', key: 'i', about: 'what is wrong now, the worst first' },
    rank: { sre: 1, ml: 60, security: 60, auditor: 60 },
  },
  {
    ...{ to: paths.workloads, name: 'Workloads', key: 'w', about: 'how many of each there are, and what scales them' },
    rank: { sre: 10, ml: 55, security: 65, auditor: 61 },
  },
  {
    ...{ to: paths.queues, name: 'Queues', key: 'q', about: 'what waits, what failed, and of what' },
    rank: { sre: 20, ml: 20, security: 66, auditor: 62 },
  },
  {
    ...{ to: paths.runs, name: 'Runs', key: 'n', about: 'every run there was, the newest first' },
    rank: { sre: 40, ml: 40, security: 50, auditor: 40 },
  },
  {
    ...{ to: paths.loans, name: 'Loans', key: 'l', about: 'what runs degraded now, and until when' },
    rank: { sre: 45, ml: 45, security: 55, auditor: 45 },
  },
  {
    ...{ to: paths.recipes, name: 'Recipes', key: 'r', about: 'what can be done, and what came of it so far' },
    rank: { sre: 2, ml: 30, security: 48, auditor: 48 },
  },
  {
    ...{ to: paths.approvals, name: 'Approvals', key: 'a', about: 'whose yes is wanted' },
    rank: { sre: 30, ml: 35, security: 1, auditor: 35 },
  },
  {
    ...{
      to: paths.runbook,
      name: 'Runbook',
      key: 'b',
      about: 'what to do by hand, and whom to call; also when the API is down',
    },
    rank: { sre: 70, ml: 70, security: 70, auditor: 70 },
  },
  {
    ...{ to: paths.auditCheck, name: 'Audit', key: 'u', about: 'whether an evidence bundle is what the log signed' },
    rank: { sre: 90, ml: 90, security: 30, auditor: 1 },
  },
]

/** The view of whoever has these roles: that of the first role which has one. */
export const viewOf = (roles: readonly string[]): View =>
  roles.map((role) => views.find((view) => view === role)).find((view) => view !== undefined) ?? 'sre'

/** The pages in the order of whoever has these roles. */
export function navFor(roles: readonly string[]): readonly NavEntry[] {
  const view = viewOf(roles)
  return [...nav].sort((a, b) => a.rank[view] - b.rank[view])
}

/** Where whoever has these roles begins. */
export const landing = (roles: readonly string[]): NavEntry['to'] => navFor(roles)[0]?.to ?? paths.incidents
