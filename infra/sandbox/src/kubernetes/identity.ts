import { randomBytes, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { readJson, writePrivately } from '../files.js'
import { selfSigned } from './certificate.js'

/** Who can sign in. The first two are Firebreak's; the third is a person at a terminal. */
export const users = ['firebreak-reader', 'firebreak-hands', 'operator'] as const
export type User = (typeof users)[number]

/** Who the sandbox is and whom it knows; kept, so that a client's credentials outlive a restart of the sandbox. */
export interface Identity {
  key: string
  certificate: string
  tokens: Record<User, string>
}

/** Reads the identity from the folder, or makes it there. */
export function identity(dir: string): Identity {
  const file = join(dir, 'identity.json')
  const known = readJson(file) as Identity | undefined
  if (known && users.every((user) => typeof known.tokens?.[user] === 'string')) return known
  const tokens = Object.fromEntries(users.map((user) => [user, randomBytes(24).toString('base64url')]))
  const made = { ...selfSigned(new Date()), tokens: tokens as Record<User, string> }
  writePrivately(file, JSON.stringify(made))
  return made
}

/** Whose token is it? */
export function userOf({ tokens }: Identity, authorization: string | undefined): User | undefined {
  const given = Buffer.from(/^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? '')
  return users.find((user) => {
    const token = Buffer.from(tokens[user])
    return token.length === given.length && timingSafeEqual(token, given)
  })
}

/** Where each user's kubeconfig lies. */
export const kubeconfigPath = (dir: string, user: User): string =>
  join(dir, `kubeconfig-${user.replace('firebreak-', '')}.yaml`)

/** Writes one kubeconfig for each user, readable by their owner alone. */
export function writeKubeconfigs(dir: string, { certificate, tokens }: Identity, server: string): void {
  const cluster = { server, 'certificate-authority-data': Buffer.from(certificate).toString('base64') }
  for (const user of users) {
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'sandbox', cluster }],
      users: [{ name: user, user: { token: tokens[user] } }],
      contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user, namespace: 'prod' } }],
      'current-context': 'sandbox',
    }
    writePrivately(kubeconfigPath(dir, user), stringify(config))
  }
}
