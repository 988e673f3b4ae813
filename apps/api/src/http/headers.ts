/**
 * The one function that says which security headers an answer carries. The console's other host (Electron) sends the
 * page's from the same text.
 */
export function headersFor(what: 'page' | 'api' | 'download', nonce = ''): Record<string, string> {
  return {
    'content-security-policy':
      what === 'page' ? pagePolicy(nonce) : "default-src 'none'; frame-ancestors 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy':
      'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), microphone=(), midi=(), payment=(), serial=(), usb=()',
    // What one person may read must not be kept for the next one at the same screen.
    'cache-control': 'no-store',
  }
}

const pagePolicy = (nonce: string) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
