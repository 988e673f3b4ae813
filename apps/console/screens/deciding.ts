import type { Page } from 'playwright-core'
import type { MockApi } from '../mock-api/mock.js'
import { askToPass } from '../mock-api/break-glass.js'
import { makePlan } from '../mock-api/planning.js'
import type { Scene } from './scenes.js'

const long =
  'Storage of ledgers-and-settlements-eu-central-1-production-blue is back since 03:02 after forty minutes away; whatever failed meanwhile is whole, was looked at by two of us, and goes through in the order in which it came'

/** Sixty plans that wait, asked for by everybody, in the order of a long night. */
function many(api: MockApi): void {
  const people = ['sam', 'leo', 'noor', 'mira'] as const
  for (let at = 0; at < 60; at++) {
    const params = at % 2 === 0 ? { jobs: Array.from({ length: 1 + at }, (_, job) => String(4_700 + job)) } : {}
    const recipe = at % 2 === 0 ? 'requeue-failed-jobs' : 'scale-api'
    const wish = { recipe, params, incident: null, reason: at % 3 === 0 ? long : 'slow again', by: people[at % 4]! }
    makePlan(api, wish, new Date(api.options.now().getTime() - (1 + (at % 25)) * 60_000))
  }
}

const approve = (page: Page) => page.getByRole('button', { name: 'Approve and run' }).waitFor()

function freeze(api: MockApi): void {
  const at = new Date(api.options.now().getTime() - 47 * 60_000).toISOString()
  const reason = 'Records leave the storage at night, and nobody knows yet by which way: nothing of the API changes.'
  api.freeze = { id: 'frz_01kaxh6q2v', scopes: ['service:api', 'pipeline:ingest'], reason, by: 'viktor', at }
}

async function breaking(page: Page): Promise<void> {
  await page.getByRole('link', { name: /Scale deployment prod\/api/ }).first().click() // prettier-ignore
  await page.getByRole('button', { name: 'Break the glass…' }).click()
  await page.getByText('of Security', { exact: false }).first().waitFor()
}

async function asked(page: Page): Promise<void> {
  await breaking(page)
  await page.getByLabel('Why nothing else will do').fill('It is what stops the leak, and the freeze ends at six.')
  await page.getByRole('button', { name: 'Ask for it' }).click()
  await page.getByText('Break-glass: asked for').waitFor()
}

async function ask(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Ask for the plan' }).click()
}

const wayBack = async (page: Page) => {
  await page.getByRole('link', { name: /Set corrupted inputs aside/ }).first().click() // prettier-ignore
  await page.getByRole('button', { name: 'Take it back…' }).click()
  await page.getByLabel('Why it is taken back').fill('The scanner was mended: these can be read after all.')
}

/** The pages on which people decide: approvals, plans, recipes. */
export const deciding: readonly Scene[] = [
  { name: 'approvals', as: 'Noor Haddad', path: '/approvals', act: approve },
  {
    name: 'approvals-armed',
    as: 'Noor Haddad',
    path: '/approvals',
    act: async (page) => {
      await approve(page)
      await page.keyboard.press('A')
      await page.getByRole('button', { name: /^Confirm/ }).waitFor()
    },
  },
  {
    name: 'approvals-own',
    as: 'Sam Lindqvist',
    path: '/approvals?tray=asked',
    act: (page) => page.getByText('You asked for this plan:').waitFor(),
  },
  {
    name: 'approvals-decided',
    as: 'Sam Lindqvist',
    path: '/approvals?tray=decided',
    act: (page) => page.getByRole('region', { name: /again|Scale/ }).first().waitFor(), // prettier-ignore
  },
  {
    name: 'approvals-glass',
    as: 'Inês Carvalho',
    path: '/approvals',
    night: (api) => void askToPass(api, 'scale-api', 'theo', 'It is what stops the leak, and the freeze ends at six.'),
    act: async (page) => {
      await page.getByRole('link', { name: /wants to pass/ }).click()
      await page.getByRole('button', { name: 'Grant it' }).waitFor()
    },
  },
  {
    name: 'approvals-glass-waits',
    as: 'Inês Carvalho',
    path: '/approvals',
    night: (api) => void askToPass(api, 'scale-api', 'theo', 'It is what stops the leak, and the freeze ends at six.'),
    act: (page) => page.getByRole('link', { name: /wants to pass/ }).waitFor(),
  },
  {
    name: 'plan-frozen',
    as: 'Hannah Okafor',
    path: '/plans',
    night: freeze,
    act: async (page) => {
      await page.getByRole('link', { name: /Scale deployment prod\/api/ }).first().click() // prettier-ignore
      await page.getByRole('button', { name: 'Break the glass…' }).waitFor()
    },
  },
  { name: 'plan-glass', as: 'Theo Brandt', path: '/plans', night: freeze, act: breaking },
  { name: 'plan-glass-missing', as: 'Theo Brandt', path: '/plans', act: breaking },
  { name: 'plan-asked', as: 'Theo Brandt', path: '/plans', night: freeze, act: asked },
  {
    name: 'plan-granted',
    as: 'Theo Brandt',
    path: '/plans',
    night: freeze,
    act: async (page, api) => {
      await asked(page)
      const [pass] = [...api.world.breakGlass.values()]
      const [now, until] = [api.options.now(), new Date(api.options.now().getTime() + 30 * 60_000)].map((at) => at.toISOString()) as [string, string] // prettier-ignore
      const decision = { by: { id: 'ines', name: 'Inês Carvalho' }, decision: 'granted', voice: 'security', note: '', at: now } as const // prettier-ignore
      Object.assign(pass!, { state: 'granted', decision, expires_at: until })
      api.log(pass!.incident, 'break-glass.granted', `plan:${pass!.plan}`, 'ines', 'Granted.')
      await page.getByText('It holds for another').waitFor()
    },
  },
  { name: 'approvals-much', as: 'Hannah Okafor', path: '/approvals', night: many, act: approve },
  {
    name: 'approvals-nothing',
    as: 'Audrey Whitfield',
    path: '/approvals',
    act: (page) => page.getByText('Nothing waits on you.').waitFor(),
  },
  {
    name: 'plan',
    as: 'Theo Brandt',
    path: '/plans',
    act: async (page) => {
      await page.getByRole('link', { name: /Move invoices/ }).click()
      await approve(page)
    },
  },
  { name: 'run-way-back', as: 'Hannah Okafor', path: '/runs?recipe=quarantine-input', act: wayBack },
  {
    name: 'run-taken-back',
    as: 'Hannah Okafor',
    path: '/runs?recipe=quarantine-input',
    act: async (page) => {
      await wayBack(page)
      await ask(page)
      await page.getByRole('link', { name: 'The run that it takes back' }).click()
      await page.getByRole('link', { name: 'this plan' }).waitFor()
    },
  },
  {
    name: 'plan-way-back',
    as: 'Hannah Okafor',
    path: '/runs?recipe=quarantine-input',
    act: async (page) => {
      await wayBack(page)
      await ask(page)
      await page.getByRole('heading', { level: 1, name: /^Take back: / }).waitFor()
    },
  },
  {
    name: 'plans',
    as: 'Noor Haddad',
    path: '/plans?state=all',
    act: (page) => page.getByRole('link', { name: /Move invoices/ }).waitFor(),
  },
  {
    name: 'recipes',
    as: 'Hannah Okafor',
    path: '/recipes',
    act: (page) => page.getByRole('link', { name: /Scale a service/ }).waitFor(),
  },
  {
    name: 'recipes-auditor',
    as: 'Audrey Whitfield',
    path: '/recipes',
    act: (page) => page.getByRole('link', { name: /Scale a service/ }).waitFor(),
  },
  {
    name: 'recipe-faults',
    as: 'Hannah Okafor',
    path: '/recipes/requeue-failed-jobs?pause_s=0&nope=1',
    act: async (page) => {
      await ask(page)
      await page.getByText('1 to 600.', { exact: true }).waitFor()
    },
  },
  {
    name: 'recipe-planned',
    as: 'Hannah Okafor',
    path: '/recipes/scale-api?replicas=8',
    act: async (page) => {
      await ask(page)
      await approve(page)
    },
  },
  {
    name: 'recipe-own',
    as: 'Hannah Okafor',
    path: '/recipes/requeue-failed-jobs?reason=Storage%20is%20back',
    act: async (page) => {
      await ask(page)
      await page.getByText('You asked for this plan:').waitFor()
    },
  },
]
