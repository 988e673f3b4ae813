/*
 * The first import of the bundle. Mantine's scroll lock adds one style element, and asks `get-nonce` for the nonce of
 * the page's policy; that reads a global by this name. The server writes the nonce into the meta element of index.html.
 */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name="n"]')?.content ?? ''

Object.assign(globalThis, { __webpack_nonce__: nonce })
