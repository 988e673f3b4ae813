import { spawn, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { wire } from './wire.js'

/**
 * Starts `etcd` and `kube-apiserver` out of a folder (the one that `setup-envtest` fills and KUBEBUILDER_ASSETS names),
 * on free ports of 127.0.0.1, with data of their own. No controllers run: what is asked for is kept, and nothing comes
 * of it. Answers the kubeconfig of an administrator.
 */
export async function startBareApiServer(assets: string): Promise<{ kubeconfig: string; stop(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'firebreak-apiserver-'))
  const [client, peer, port] = [await freePort(), await freePort(), await freePort()]
  const token = randomBytes(24).toString('base64url')
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const file = async (name: string, text: string | Buffer) => {
    await writeFile(join(dir, name), text, { mode: 0o600 })
    return join(dir, name)
  }
  const kubeconfig = await file('kubeconfig.json', JSON.stringify(adminOf(`https://127.0.0.1:${port}`, token)))
  const signing = await file('sa.key', privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const verifying = await file('sa.pub', publicKey.export({ type: 'spki', format: 'pem' }))
  const tokens = await file('tokens.csv', `${token},admin,admin,system:masters\n`)

  const running: ChildProcess[] = []
  const start = (program: string, args: string[]) => {
    const child = spawn(join(assets, program), args, { stdio: 'ignore', cwd: dir })
    child.on('error', () => undefined)
    running.unshift(child)
    return child
  }
  const stop = async () => {
    for (const child of running) await stopped(child)
    await rm(dir, { recursive: true, force: true })
  }
  try {
    const etcd = `http://127.0.0.1:${client}`
    start('etcd', [
      `--data-dir=${join(dir, 'etcd')}`,
      `--listen-client-urls=${etcd}`,
      `--advertise-client-urls=${etcd}`,
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
    ])
    start('kube-apiserver', [
      `--etcd-servers=${etcd}`,
      `--cert-dir=${join(dir, 'certificates')}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      '--service-cluster-ip-range=10.0.0.0/24',
      '--authorization-mode=RBAC',
      `--token-auth-file=${tokens}`,
      '--service-account-issuer=https://127.0.0.1',
      `--service-account-key-file=${verifying}`,
      `--service-account-signing-key-file=${signing}`,
      '--disable-admission-plugins=ServiceAccount',
    ])
    await ready(kubeconfig, running)
    return { kubeconfig, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The certificate is made by the server itself at its start, on this machine: there is nobody to vouch for it. */
const adminOf = (server: string, token: string) => ({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'bare', cluster: { server, 'insecure-skip-tls-verify': true } }],
  users: [{ name: 'admin', user: { token } }],
  contexts: [{ name: 'bare', context: { cluster: 'bare', user: 'admin' } }],
  'current-context': 'bare',
})

async function ready(kubeconfig: string, running: readonly ChildProcess[]): Promise<void> {
  const { call } = wire(kubeconfig)
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 250))) {
    if (running.some(({ exitCode, pid }) => exitCode !== null || pid === undefined)) break
    const answer = await call({ path: '/api/v1/namespaces/default' }).catch(() => undefined)
    if (answer?.code === 200) return
  }
  throw new Error('etcd or kube-apiserver of KUBEBUILDER_ASSETS does not come up')
}

function stopped(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill('SIGTERM')
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
