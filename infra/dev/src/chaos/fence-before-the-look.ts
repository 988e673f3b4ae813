import { Journal } from '@firebreak/flow'

/**
 * Preloaded into a worker, it makes of it the engine as it was: it asks whether its run is still its own before a verb looks
 * at its target, and not again before the verb changes it.
 */
Journal.prototype.holds = async () => undefined
