import { ServiceDirectory, type Service } from '@firebreak/kit'
import type { House } from './house.js'

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
