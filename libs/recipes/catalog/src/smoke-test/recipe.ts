import {
  askSuite,
  chosenOf,
  defineRecipe,
  failuresOf,
  PortFailure,
  worseThan,
  type CheckResult,
  type Readers,
  type ServiceDirectory,
  type SmokeSuite,
  type Trigger,
} from '@firebreak/kit'
import { z } from 'zod'

const ID = 'smoke-test'
const MOST_NAMED = 10

export const smokeTest = defineRecipe({
  id: ID,
  version: 1,
  title: 'Ask a service whether it is well, before and after a change',
  page: 'model-error-rate',

  meaning:
    'Something of a service is about to be changed, or was: its smoke tests say before what it can do, and afterwards whether it still can.',
  impact: 'A change that breaks a service without an alert is found by its users.',

  stage: 'propose',
  approval: { tier: 'T0', roles: ['sre', 'ml'], people: 0 },

  params: z.strictObject({
    when: z.enum(['before', 'after']).meta({
      title: 'When',
      description:
        'before: nothing is changed yet, and this is what it will be compared with. after: it is compared with the newest one before.',
    }),
    suite: z.string().min(1).max(63).exactOptional().meta({
      title: 'Suite',
      description: 'Which suite of the house. Left out: the one that belongs to the service of the alert.',
    }),
    hours: z.int().min(1).max(168).default(24).meta({
      title: 'Hours',
      description: 'A test that ended longer ago was before something else.',
    }),
  }),

  async diagnose(readers, trigger, { when, suite: wanted, hours }) {
    const suite = suiteOf(readers.directory, trigger, wanted)
    // What there is to compare with is asked first: without it the service is not bothered.
    const before = when === 'after' ? await earlier(readers, suite.name, hours) : null
    const results = before === null && when === 'after' ? [] : await askSuite(readers.smoke, suite)
    return {
      suite: { name: suite.name, service: suite.service, environment: suite.environment },
      when,
      hours,
      results,
      before,
    }
  },

  stopIf: [
    {
      when: ({ when, before }) => when === 'after' && before === null,
      because:
        'No smoke test of this suite was made before the change, or too long ago: there is nothing to compare with. ' +
        'Make one with "before" where the change is not made yet; otherwise look at what the suite says by hand.',
    },
    {
      when: ({ when, before }) => when === 'after' && before !== null && before.state !== 'succeeded',
      because:
        'The suite was red before the change already: nobody could tell what broke it. Mend that first, and make one with "before" anew.',
    },
  ],

  guards: ({ before }) => [
    { fact: 'suite', same: true },
    // Another one before means that somebody has begun another change meanwhile.
    ...(before === null ? [] : [{ fact: 'before.run', same: true } as const]),
  ],

  findings: (facts) => {
    const worse = worseIn(facts)
    return worse.length > 0
      ? worse.map((says) => ({ says: `${facts.suite.name}: ${says}`, suggests: null }))
      : [{ says: wellOf(facts), suggests: null }]
  },

  plan: () => [],

  verify: {
    within_s: 1,
    says: ({ suite, when }) =>
      when === 'before'
        ? `Every check of ${suite.name} passes: the change may begin.`
        : `No check of ${suite.name} is worse than it was before the change.`,
    // Decided by what was seen when the plan was made: whoever looked again until it held would let one pass that holds at times.
    holds: (_, facts) => {
      const worse = worseIn(facts)
      const what =
        facts.when === 'before'
          ? 'is red before anything was changed, which blocks the change'
          : 'is worse than before the change, which blocks it: roll back, and open an incident where there is none'
      return Promise.resolve(
        worse.length === 0
          ? { holds: true, says: `${wellOf(facts)}.` }
          : { holds: false, says: `${facts.suite.name} ${what}. ${someOf(worse)}.` },
      )
    },
  },
})

/** A verdict stands in the log: of very many faults some are named. */
const someOf = (worse: readonly string[]): string =>
  [...worse.slice(0, MOST_NAMED), ...(worse.length > MOST_NAMED ? [`and ${worse.length - MOST_NAMED} more`] : [])].join(
    '; ',
  )

/** An earlier run, as the facts of this one name it. */
type Before = { run: string; plan: string; made_at: string; state: string; results: CheckResult[] }
type Facts = { suite: { name: string }; when: string; results: CheckResult[]; before: Before | null }

const worseIn = ({ when, results, before }: Facts): string[] =>
  when === 'before' ? failuresOf(results) : worseThan(before?.results ?? [], results)

function wellOf({ suite, when, results, before }: Facts): string {
  const passed = `${results.length} ${results.length === 1 ? 'check' : 'checks'} of ${suite.name} passed`
  return when === 'before'
    ? `${passed}: the change may begin`
    : `${passed}, and nothing is worse than before the change (${before?.plan}, ${before?.made_at})`
}

/** What was found before the change: by the newest run that says so, however that ended. */
async function earlier({ past }: Readers, suite: string, hours: number): Promise<Before | null> {
  const found = await past.latest(ID, { 'suite.name': suite, when: 'before' }, hours * 60)
  if (!found) return null
  const { run, plan, made_at, state, facts } = found
  // Facts of our own recipe, as it wrote them.
  return { run, plan, made_at, state, results: facts['results'] as CheckResult[] }
}

/** The one that was named, or the only one of the service of the alert. A page that names neither has to be told. */
function suiteOf(directory: ServiceDirectory, { labels }: Trigger, wanted: string | undefined): SmokeSuite {
  const { smoke } = directory.things()
  if (wanted !== undefined || labels['service'] !== undefined)
    return chosenOf(smoke, { one: 'smoke suite', key: 'smoke' }, wanted, labels)
  const known = smoke.map(({ name }) => name).join(', ') || 'none'
  throw new PortFailure('not-found', `no suite and no service is named: name one of ${known} (firebreak.yaml, smoke)`)
}
