import type { AlertRules } from '@firebreak/flow'
import { classify, environmentOf, severityOf, type House } from '@firebreak/house'
import type { Recipe } from '@firebreak/kit'

/** What `firebreak.yaml` says about alerts. The recipes that it names have been checked at start. */
export const houseRules = (house: House, recipes: ReadonlyMap<string, Recipe>): AlertRules => ({
  classify: (labels) => classify(house, labels),
  severityOf: (labels) => severityOf(house, labels),
  suggestionsFor: (incidentClass) =>
    (house.recipes.get(incidentClass) ?? []).map((id) => recipes.get(id)).filter((recipe) => recipe !== undefined),
  environmentOf: (service) => environmentOf(house, service),
  resolveWindowMinutes: house.limits.resolve_window_minutes,
})
