import { z } from 'zod'

/** A provider of identities at which people sign in in their own browser: a public client, with no secret. */
const oidc = z.strictObject({
  issuer: z.string(),
  /** The shell's own name there, and not the API's. */
  clientId: z.string().min(1),
  /** For whom its tokens are: the API's FIREBREAK_OIDC_AUDIENCE. */
  audience: z.string().min(1),
  /** `offline_access` is what makes most providers give what one stays signed in with. */
  scope: z.string().default('openid profile offline_access'),
})

const host = z
  .string()
  .regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?$/, 'must be a host in small letters, or *. and a domain')

const policy = z.strictObject({
  /** Where the API is. */
  api: z.string(),
  oidc: oidc.optional(),
  /** Hosts that a link may open in the browser: `grafana.example`, `*.wiki.example`. */
  links: z.array(host).max(200).default([]),
  /** Switches that the shell may be started with though they take a wall away. */
  allowSwitches: z.array(z.string()).max(50).default([]),
})

export interface ShellSettings {
  /** Scheme, host and port. */
  api: string
  oidc: z.output<typeof oidc> | undefined
  links: readonly string[]
  allowSwitches: readonly string[]
}

/** A start that cannot be; `message` says what was found, and where. */
export class SettingsError extends Error {}

/** Where an administrator says what the shell of this machine talks to: nowhere that its user writes. */
export const policyFileOf = (platform: NodeJS.Platform, programData = 'C:\\ProgramData'): string =>
  platform === 'win32'
    ? `${programData}\\Firebreak\\console.json`
    : platform === 'darwin'
      ? '/Library/Application Support/Firebreak/console.json'
      : '/etc/firebreak/console.json'

/**
 * What the shell is to talk to. `text` is the policy file's, undefined when there is none: then an unpackaged shell takes
 * `FIREBREAK_URL`, and the `npm start` of this machine. Throws a SettingsError, and repeats no value.
 */
export function readSettings(
  text: string | undefined,
  where: string,
  { packaged, url }: { packaged: boolean; url: string | undefined },
): ShellSettings {
  if (text === undefined && packaged)
    throw new SettingsError(`There is no ${where}. It says where the API is: {"api": "https://firebreak.example"}`)
  const raw: unknown = text === undefined ? { api: url ?? 'http://127.0.0.1:4600' } : json(text, where)
  const { data, error } = policy.safeParse(raw)
  if (!data)
    throw new SettingsError(
      error.issues.map(({ path, message }) => `${where}: ${path.join('.') || 'it'}: ${message}`).join('\n'),
    )
  return {
    ...data,
    api: addressOf(data.api, `${where}: api`).origin,
    oidc: data.oidc && { ...data.oidc, issuer: addressOf(data.oidc.issuer, `${where}: oidc.issuer`).href },
  }
}

function json(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new SettingsError(`${where} is no JSON.`)
  }
}

/** Over TLS, or on this machine. */
function addressOf(value: string, what: string): URL {
  const url = URL.parse(value)
  const loopback = url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (!url || (url.protocol !== 'https:' && !loopback))
    throw new SettingsError(`${what} must be an https: address (http: only on this machine).`)
  if (url.username !== '' || url.password !== '') throw new SettingsError(`${what} must hold no name and no password.`)
  return url
}
