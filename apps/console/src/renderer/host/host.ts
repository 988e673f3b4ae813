import type { Surface } from '../../bridge/surface.js'

const here = (globalThis as { firebreak?: Surface }).firebreak

/** The desktop shell, when the page runs in it; on the web there is none, and nothing of the page needs one. */
export const host: Surface | undefined = here?.version === 1 ? here : undefined
