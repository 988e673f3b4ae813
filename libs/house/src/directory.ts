import { Scopes, type Limits } from '@firebreak/flow'
import { ServiceDirectory, targetsOf, type EvidenceRules, type Service, type Things } from '@firebreak/kit'
import { budgetOf, type House } from './house.js'

/** The services, and what is around them, as `firebreak.yaml` names them. */
export class HouseDirectory extends ServiceDirectory {
  constructor(private readonly house: Pick<House, 'services' | 'things' | 'evidence'>) {
    super()
  }

  service(name: string): Service | undefined {
    return this.house.services.get(name)
  }

  services(): Service[] {
    return [...this.house.services.values()]
  }

  evidence(): EvidenceRules {
    return this.house.evidence
  }

  things(): Things {
    return this.house.things
  }
}

/** What lies in what, for freezes: targets, services, environments and pipelines as the file names them. */
export const houseScopes = ({
  services,
  things,
  pipelines,
}: Pick<House, 'services' | 'things' | 'pipelines'>): Scopes =>
  new Scopes(
    [...services.values()],
    Object.entries(pipelines).map(([name, { targets }]) => ({ name, targets })),
    targetsOf(things),
  )

/** How far the house lets anything go. */
export const houseLimits = ({
  budgets,
  caps,
  limits: { cooldown_minutes },
}: Pick<House, 'budgets' | 'caps' | 'limits'>): Limits => ({
  cooldown_minutes,
  caps,
  budgets: budgets.map((budget) => ({ of: budgetOf(budget), runs: budget.runs, minutes: budget.minutes })),
})
