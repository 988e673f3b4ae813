import type { ClusterReader, Json, JsonObject, ModelRegistryReader, OcrRoute, ServedModel } from '@firebreak/kit'
import { differing, type Difference } from './history.js'

/*
 * What is written down of the models and the OCR of the house: what of them somebody changes.
 */

/** Which version serves, and which was good last, as the registry names them; null: no name points at one. Throws what it throws. */
export async function seenModel(
  registry: ModelRegistryReader,
  { name, service, environment, deployment, alias, stable_alias }: ServedModel,
): Promise<JsonObject> {
  const aliases = (await registry.model(name))?.aliases ?? {}
  const named = { version: aliases[alias] ?? null, stable_version: aliases[stable_alias] ?? null }
  return { service, environment, deployment, ...named }
}

/** Which engine reads, and how many percent go to the other all the same, as the routing says it. Throws what the cluster throws. */
export async function seenOcr(
  cluster: ClusterReader,
  { service, environment, routing: { config_map, key, share } }: OcrRoute,
): Promise<JsonObject> {
  const data = (await cluster.configMap(config_map))?.data ?? {}
  const of = (name: string | undefined) => (name !== undefined && Object.hasOwn(data, name) ? data[name]!.slice(0, 63) : null) // prettier-ignore
  return { service, environment, engine: of(key), fallback_percent: of(share) }
}

const CHANGED = [
  ['version', 'version'],
  ['stable version', 'stable_version'],
  ['engine', 'engine'],
  ['percent to the fallback', 'fallback_percent'],
] as const

/** What changed of a model, or of an OCR, between two looks. A name that points at nothing any more is a change as well. */
export const thingDifferences = (was: JsonObject, is: JsonObject): Difference[] =>
  differing(CHANGED.map(([what, field]) => [what, pointed(was[field]), pointed(is[field])]))
// What an older worker did not look at is not there, and no change.
const pointed = (at: Json | undefined) => (at === null ? 'none' : at)
