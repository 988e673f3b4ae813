import type { Recipe } from '@firebreak/kit'
import { divertOcr } from './divert-ocr/recipe.js'
import { captureEvidenceOf } from './capture-evidence/recipe.js'
import { inspectApiLatency } from './inspect-api-latency/recipe.js'
import { quarantineInput } from './quarantine-input/recipe.js'
import { rehydrateInputs } from './rehydrate-inputs/recipe.js'
import { pauseBatch } from './pause-batch/recipe.js'
import { pinModel } from './pin-model/recipe.js'
import { requeueFailedJobs } from './requeue-failed-jobs/recipe.js'
import { restoreOcr } from './restore-ocr/recipe.js'
import { scaleApi } from './scale-api/recipe.js'
import { smokeTest } from './smoke-test/recipe.js'

/**
 * Every recipe there is, by id. A folder beside this file is one line here; a spec compares the two.
 * Whoever takes a recipe from here gives it back the facts and parameters that it made itself: their types end here.
 */
export const recipes: ReadonlyMap<string, Recipe> = new Map(
  [
    scaleApi,
    inspectApiLatency,
    requeueFailedJobs,
    rehydrateInputs,
    quarantineInput,
    pauseBatch,
    pinModel,
    restoreOcr,
    divertOcr,
    smokeTest,
    captureEvidenceOf,
  ].map((recipe) => [recipe.id, recipe as unknown as Recipe]),
)
