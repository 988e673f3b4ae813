/*
 * The first import of the bundle. Mantine's scroll lock adds one style element, and asks `get-nonce` for the nonce of
 * the page's policy; that reads this global. The server writes the nonce into the meta element of index.html.
 */
const meta = document.querySelector<HTMLMetaElement>('meta[name="n"]')
Object.assign(globalThis, { __webpack_nonce__: meta?.content ?? '' })
export {}
