const PLACE = /__NONCE__/g

/** The text of the built `index.html` with the nonce of this answer's policy where its styles look for one. */
export const withNonce = (html: string, nonce: string): string => html.replaceAll(PLACE, () => nonce)
