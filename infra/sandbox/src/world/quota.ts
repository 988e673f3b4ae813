/** What a pod takes, by the names of a quota; thousandths of everything, so that sums are exact. */
export type Amounts = Readonly<Record<string, number>>

const SUFFIXES: Record<string, number> = {
  m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40,
} // prettier-ignore

/** A quantity in thousandths, rounded up; `undefined` for what is none. */
export function amountOf(given: unknown): number | undefined {
  const [, number, suffix = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]{0,2})$/.exec(String(given)) ?? []
  const factor = Object.hasOwn(SUFFIXES, suffix) ? SUFFIXES[suffix] : undefined
  return number === undefined || factor === undefined ? undefined : Math.ceil(Number(number) * 1_000 * factor)
}

/** Thousandths as the API writes them. */
export const written = (amount: number): string => (amount % 1_000 === 0 ? String(amount / 1_000) : `${amount}m`)

interface Container {
  resources?: { requests?: Record<string, string | number>; limits?: Record<string, string | number> }
}

/** What one pod takes of a quota. A request that is left out is what the limit says. */
export function takenBy(containers: readonly Container[]): Amounts {
  const taken: Record<string, number> = { pods: 1_000 }
  const add = (name: string, amount: string | number) => {
    taken[name] = (taken[name] ?? 0) + (amountOf(amount) ?? 0)
  }
  for (const { resources: { requests = {}, limits = {} } = {} } of containers) {
    for (const [name, amount] of Object.entries({ ...limits, ...requests })) {
      add(`requests.${name}`, amount)
      add(name, amount)
    }
    for (const [name, amount] of Object.entries(limits)) add(`limits.${name}`, amount)
  }
  return taken
}

/** Why a pod does not fit any more, in the words of Kubernetes; `undefined` when it does. */
export function exceeds(
  quota: string,
  hard: Readonly<Record<string, string | number>>,
  used: Amounts,
  pod: Amounts,
): string | undefined {
  const limits = Object.entries(hard).map(([name, amount]) => [name, amountOf(amount) ?? 0] as const)
  const unsaid = limits.filter(([name]) => /cpu$|memory$/.test(name) && pod[name] === undefined).map(([name]) => name)
  if (unsaid.length > 0) return `failed quota: ${quota}: must specify ${unsaid.join(',')}`
  const over = limits.filter(([name, most]) => pod[name] !== undefined && (used[name] ?? 0) + pod[name] > most)
  if (over.length === 0) return undefined
  const list = (amount: (name: string) => number) => over.map(([name]) => `${name}=${written(amount(name))}`).join(',')
  const most = new Map(over)
  return (
    `exceeded quota: ${quota}, requested: ${list((name) => pod[name]!)}, ` +
    `used: ${list((name) => used[name] ?? 0)}, limited: ${list((name) => most.get(name)!)}`
  )
}
