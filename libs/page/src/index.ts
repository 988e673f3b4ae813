export { headersFor } from './headers.js'
export { withNonce } from './nonce.js'
