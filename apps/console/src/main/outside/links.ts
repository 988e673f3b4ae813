/** What becomes of a link that leaves the page. */
export type Judged = { open: true; url: string; host: string } | { open: false; why: string }

const refuse = (why: string): Judged => ({ open: false, why })
/** Written so that its host reads like another, or so that two programs read it differently. */
const UNREADABLE = /[^\x21-\x7e]|\\/
const LONGEST = 2048

/**
 * Whether an address may be given to the system's browser. Only https, only to hosts that the house named, and nothing in
 * it that acts: whatever the system does with other schemes starts a program.
 * @param allowed `grafana.example`, `grafana.example:3000`, `*.wiki.example`
 */
export function judgeLink(address: string, allowed: readonly string[]): Judged {
  if (address.length > LONGEST) return refuse('it is longer than an address is')
  if (UNREADABLE.test(address)) return refuse('it holds characters that are not what they look like')
  const url = URL.parse(address)
  if (!url) return refuse('it is no address')
  if (url.protocol !== 'https:') return refuse(`only https: is opened, and this is ${url.protocol.slice(0, 20)}`)
  if (url.username !== '' || url.password !== '') return refuse('it carries a name or a password')
  if (!allowed.some((host) => covers(host, url)))
    return refuse(`${url.host.slice(0, 100)} is none of the hosts that the house named ("links")`)
  return { open: true, url: url.href, host: url.host }
}

const covers = (allowed: string, { host, hostname, port }: URL): boolean =>
  allowed.startsWith('*.') ? port === '' && hostname.endsWith(allowed.slice(1)) : host === allowed
