/** The only place that writes a path of the console. A spec holds it against the routes. */
export const paths = {
  home: '/',
  incidents: '/incidents',
  incident: '/incidents/$id',
  runs: '/runs',
  run: '/runs/$id',
  loans: '/loans',
  plans: '/plans',
  plan: '/plans/$id',
  approvals: '/approvals',
  recipes: '/recipes',
  recipe: '/recipes/$id',
  workloads: '/workloads',
  queues: '/queues',
  queue: '/queues/$name',
  runbook: '/runbook',
  runbookPage: '/runbook/$page',
  auditCheck: '/audit/check',
} as const

/** A link that leaves the console: only over the web, and with nobody's name in it. Anything else that an alert may carry is text. */
export function outside(url: string | null): URL | undefined {
  if (url === null) return undefined
  try {
    const parsed = new URL(url)
    const named = parsed.username !== '' || parsed.password !== ''
    return /^https?:$/.test(parsed.protocol) && !named ? parsed : undefined
  } catch {
    return undefined
  }
}
