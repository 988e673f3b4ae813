import { PortFailure } from './ports.js'

/**
 * The thing of the house that a recipe is about: the one that was named, or the only one of the service of the alert.
 * Nothing else of an alert is believed. Throws `PortFailure('not-found')` that names those that there are.
 *
 * @param called what such a thing is called, and under which key `firebreak.yaml` has it
 */
export function chosenOf<Thing extends { name: string; service: string }>(
  all: readonly Thing[],
  called: { one: string; key: string },
  wanted: string | undefined,
  labels: Readonly<Record<string, string>>,
): Thing {
  const service = labels['service']
  const chosen = all.filter((one) => (wanted === undefined ? one.service === service : one.name === wanted))
  if (chosen.length === 1) return chosen[0]!
  const asked = JSON.stringify((wanted ?? service ?? '').slice(0, 63))
  const known = `the house knows ${namesOf(all)} (firebreak.yaml, ${called.key})`
  throw new PortFailure(
    'not-found',
    chosen.length > 1
      ? `the service ${asked} has more than one ${called.one}: name one of ${namesOf(chosen)}`
      : wanted !== undefined
        ? `there is no ${called.one} ${asked}; ${known}`
        : `no ${called.one} belongs to the service ${asked}; ${known}`,
  )
}

const namesOf = (all: readonly { name: string }[]): string => all.map(({ name }) => name).join(', ') || 'none'
