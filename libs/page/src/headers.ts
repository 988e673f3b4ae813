/**
 * The one function that says which security headers an answer carries, on both hosts of the console: the API (`page`,
 * `script`, `bridge`, `api`, `download`) and the desktop shell (all but `download`).
 * @param nonce base64; into the policy of a `page` alone
 */
export function headersFor(
  what: 'page' | 'script' | 'bridge' | 'api' | 'download',
  nonce = '',
): Record<string, string> {
  return {
    'content-security-policy': policyOf(what, nonce),
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

const policyOf = (what: Parameters<typeof headersFor>[0], nonce: string): string =>
  what === 'page' ? pagePolicy(nonce) : what === 'script' ? SCRIPT : what === 'bridge' ? BRIDGE : DATA

/** The page on which a sign-in ends: it goes on by itself, which `sandbox` would not let it. */
const BRIDGE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** An answer of the API that somebody opens as a page of its own is nothing but text. */
const DATA = "default-src 'none'; frame-ancestors 'none'; sandbox"

/**
 * A worker is under the policy of its own script: it may open no connection and load nothing more. This is how nothing
 * leaves the device of an auditor who checks a bundle. No `sandbox`: a browser starts no worker from such an answer.
 */
const SCRIPT = "default-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

const pagePolicy = (nonce: string) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    // One policy, made once, which vouches for the address of the one worker (console: pages/audit/checker.ts).
    'trusted-types firebreak-checker',
  ].join('; ')
