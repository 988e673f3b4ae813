/** Why a program that was started like this must not hold a session: each takes a wall away, or lets somebody in. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [
    /^no-sandbox$|^disable-(setuid|gpu|namespace|seccomp-filter)-sandbox$|^allow-sandbox-debugging$/,
    'takes the sandbox away',
  ],
  [/^disable-web-security$|^disable-site-isolation/, 'lets one page read another'],
  [
    /^remote-debugging-(port|pipe|address|targets)$|^remote-allow-origins$/,
    'lets any program on this machine drive the page',
  ],
  [/^inspect(-|$)|^debug(-|$)/, 'lets any program on this machine drive the main process'],
  [/^load-extension$|^load-component-extension$|^disable-extensions-except$/, 'loads foreign code into the page'],
  [
    /^js-flags$|^renderer-cmd-prefix$|^gpu-launcher$|^utility-cmd-prefix$|^browser-subprocess-path$/,
    'runs foreign code',
  ],
  [/^ignore-certificate-errors|^allow-insecure-localhost$|^test-type$/, 'takes any certificate for a good one'],
  [
    /^proxy-(server|pac-url|bypass-list)$|^host-(resolver-)?rules$|^ssl-key-log-file$/,
    'sends what is said to the API past somebody else',
  ],
  [
    /^unsafely-treat-insecure-origin-as-secure$|^allow-running-insecure-content$/,
    'takes what anybody can change on its way for safe',
  ],
  [/^user-data-dir$/, 'keeps the session in a folder of somebody’s choosing'],
  [/^password-store$/, 'keeps the session without the keyring'],
]

/** What is to be said of a start that is refused; `EX_CONFIG` of sysexits(3). */
export const REFUSED_EXIT = 78

/** A switch that is refused, as its name was written, and the reason. */
export interface RefusedSwitch {
  given: string
  why: string
}

/**
 * Which of the arguments must not be. Chromium takes `--name`, `-name`, `--name=value`, and on Windows `/name`, in any case
 * there and after anything but `--`.
 * @param allowed names (without dashes) that an administrator allows in the policy file
 */
export function refusedSwitches(
  argv: readonly string[],
  { allowed, windows }: { allowed: readonly string[]; windows: boolean },
): RefusedSwitch[] {
  const end = argv.indexOf('--')
  return (end === -1 ? argv : argv.slice(0, end)).slice(1).flatMap((given) => {
    const written = (windows ? /^(?:--?|\/)([^=]+)/ : /^--?([^=]+)/).exec(given)?.[1]?.trim().toLowerCase()
    if (written === undefined || allowed.includes(written)) return []
    const why = REFUSED.find(([pattern]) => pattern.test(written))?.[1]
    // The name alone: its value may be a secret.
    return why === undefined ? [] : [{ given: given.split('=')[0]!.slice(0, 60), why }]
  })
}

/** In words, for the terminal and a box on the screen. */
export const refusalText = (refused: readonly RefusedSwitch[], policyFile: string): string =>
  [
    'Firebreak does not start like this:',
    ...refused.map(({ given, why }) => `  ${given}: ${why}.`),
    `Start it without, or have an administrator allow it in ${policyFile} ("allowSwitches").`,
  ].join('\n')
