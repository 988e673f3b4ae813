import { Scopes, type Limits } from '@firebreak/flow'
import { ServiceDirectory, type Service } from '@firebreak/kit'
import { budgetOf, type House } from './house.js'

/** The services as `firebreak.yaml` names them. */
export class HouseDirectory extends ServiceDirectory {
  constructor(private readonly house: Pick<House, 'services'>) {
    super()
  }

  service(name: string): Service | undefined {
    return this.house.services.get(name)
  }

  services(): Service[] {
    return [...this.house.services.values()]
  }
}

/** What lies in what, for freezes: services, environments and pipelines as the file names them. */
export const houseScopes = ({ services, pipelines }: Pick<House, 'services' | 'pipelines'>): Scopes =>
  new Scopes(
    [...services.values()],
    Object.entries(pipelines).map(([name, { targets }]) => ({ name, targets })),
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
