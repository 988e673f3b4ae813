import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '../sandbox.js'

/*
 * Plain kubectl against the sandbox, as somebody at a terminal types it: Debian's `kubernetes-client` (1.20) and newer
 * ones. It says what it did on its standard output and refuses on its standard error; both are the user's.
 */
const run = promisify(execFile)
const found = await run('kubectl', ['version', '--client', '-o', 'json']).then(
  ({ stdout }) => (JSON.parse(stdout) as { clientVersion: { minor: string } }).clientVersion,
  () => undefined,
)
const minor = Number.parseInt(found?.minor ?? '0', 10)

if (!found) {
  describe.skip('kubectl on the sandbox', () => test('skipped: there is no kubectl on the PATH', () => undefined))
  console.info('skipped: kubectl on the sandbox: no kubectl on the PATH (Debian: apt-get install kubernetes-client)')
} else {
  describe(`kubectl 1.${minor} on the sandbox`, () => {
    let dir: string
    let sandbox: Sandbox
    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'firebreak-kubectl-'))
      sandbox = await startSandbox({ dir, speed: 10 })
      await writeFile(join(dir, 'web.yaml'), web(1))
    })
    afterAll(async () => {
      await sandbox.stop()
      await rm(dir, { recursive: true })
    })

    /** One command line, as `who`. Words are separated by blanks. */
    async function kubectl(line: string, who: keyof Sandbox['kubeconfigs'] = 'operator') {
      const own = ['--kubeconfig', sandbox.kubeconfigs[who], '--cache-dir', join(dir, 'cache')]
      const { stdout, stderr } = await run('kubectl', [...own, ...line.split(' ')], { timeout: 60_000, cwd: dir })
      return stdout + stderr
    }
    const refused = (line: string, who: keyof Sandbox['kubeconfigs'] = 'operator') =>
      kubectl(line, who).then(
        (said) => expect.unreachable(`expected a refusal: ${said}`),
        (error: { stderr: string; stdout: string }) => error.stderr + error.stdout,
      )

    test('version and api-resources say what this is', async () => {
      expect(await kubectl('version')).toContain('simulator')
      const kinds = await kubectl('api-resources -o name')
      for (const kind of ['deployments.apps', 'jobs.batch', 'horizontalpodautoscalers.autoscaling', 'configmaps'])
        expect(kinds.split('\n')).toContain(kind)
    })

    test('get shows rows, wide rows, and whole objects', async () => {
      expect(await kubectl('get deployments')).toMatch(/^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\napi +2\/2 +2 +2 /)
      expect(await kubectl('get pods -l app=api -o wide')).toMatch(
        /^api-\S+ +1\/1 +Running +0 +\S+ +192\.0\.2\.\d+ +simulator/m,
      )
      expect(await kubectl('get deployment api -o jsonpath={.spec.replicas}')).toBe('2')
      expect(await kubectl('get deployment,replicaset,pod -l app=api -o name')).toMatch(
        /^deployment\.apps\/api\nreplicaset\.apps\/api-/,
      )
      expect(await kubectl('get pods --chunk-size=2 --no-headers -l app=checkout')).toMatch(/(checkout-.+\n){2}/)
      expect(await kubectl('get namespaces')).toMatch(/^prod +Active/m)
      expect(await kubectl('get all')).toContain('replicaset.apps/api-')
      expect(await refused('get deployment nobody')).toContain('deployments.apps "nobody" not found')
    })

    test('describe tells the story of a deployment and of a pod', async () => {
      const told = await kubectl('describe deployment api')
      expect(told).toMatch(/Replicas: +2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable/)
      expect(told).toMatch(/NewReplicaSet: +api-\S+ \(2\/2 replicas created\)/)
      expect(await kubectl('describe pods -l app=api')).toMatch(/Controlled By: +ReplicaSet\/api-/)
    })

    test('scale, and wait until the pods are there', async () => {
      expect(await kubectl('scale deployment api --replicas=4', 'hands')).toContain('scaled')
      expect(await kubectl('rollout status deployment/api --timeout=60s')).toContain('successfully rolled out')
      expect(sandbox.state().deployments.api).toEqual({ replicas: 4, ready: 4 })
      expect(await kubectl('wait --for=condition=available deployment/api --timeout=60s')).toContain('condition met')
      expect(await refused('scale deployment api --current-replicas=9 --replicas=1')).toMatch(/replicas to be 9/i)
    })

    test('apply --server-side makes, keeps to its own fields, and asks before it takes', async () => {
      expect(await kubectl('apply --server-side -f web.yaml')).toContain('deployment.apps/web serverside-applied')
      expect(await kubectl('rollout status deployment/web --timeout=60s')).toContain('successfully rolled out')
      expect(await kubectl('get endpoints web')).toMatch(/^web +192\.0\.2\.\d+:8080/m)
      await kubectl('scale deployment web --replicas=3')
      expect(await refused('apply --server-side -f web.yaml')).toMatch(/conflict with "kubectl\S*".*\.spec\.replicas/s)
      expect(await kubectl('apply --server-side --force-conflicts -f web.yaml')).toContain('serverside-applied')
      expect(await kubectl('get deployment web -o jsonpath={.spec.replicas}')).toBe('1')
      expect(await kubectl('apply --server-side --dry-run=server -f web.yaml')).toContain('web serverside-applied')
    })

    test('apply from the client side, without a flag', async () => {
      await writeFile(
        join(dir, 'config.yaml'),
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: flags}\ndata: {a: "1", b: "2"}\n',
      )
      expect(await kubectl('apply -f config.yaml')).toContain('configmap/flags created')
      expect(await kubectl('apply -f config.yaml')).toContain('configmap/flags unchanged')
      await writeFile(
        join(dir, 'config.yaml'),
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: flags}\ndata: {a: "1"}\n',
      )
      expect(await kubectl('apply -f config.yaml')).toContain('configmap/flags configured')
      expect(await kubectl('get configmap flags -o jsonpath={.data}')).toBe('{"a":"1"}')
      expect(await kubectl('create configmap drawn --from-literal=a=b')).toContain('created')
      expect(await kubectl('delete configmap flags drawn')).toContain('"drawn" deleted')
    })

    test('patch in three ways', async () => {
      const image = (tag: string) =>
        `{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"sandbox.invalid/web:${tag}"}]}}}}`
      await kubectl(`patch deployment web -p ${image('2')}`)
      expect(
        await kubectl('get deployment web -o jsonpath={.spec.template.spec.containers[0].ports[0].containerPort}'),
      ).toBe('8080')
      await kubectl('patch deployment web --type=merge -p {"metadata":{"labels":{"tier":"front"}}}')
      await kubectl('patch deployment web --type=json -p [{"op":"replace","path":"/spec/replicas","value":2}]')
      expect(await kubectl('get deployment web -o jsonpath={.metadata.labels.tier}/{.spec.replicas}')).toBe('front/2')
      expect(await refused('patch deployment web --type=merge -p {"spec":{"replicas":-1}}')).toContain('spec.replicas')
    })

    test('a rollout goes forth and back', async () => {
      await kubectl('set image deployment/web web=sandbox.invalid/web:3')
      expect(await kubectl('rollout status deployment/web --timeout=60s')).toContain('successfully rolled out')
      expect((await kubectl('rollout history deployment/web')).match(/^\d+ /gm)!.length).toBeGreaterThanOrEqual(2)
      await kubectl('rollout undo deployment/web')
      await kubectl('rollout status deployment/web --timeout=60s')
      expect(await kubectl('get deployment web -o jsonpath={.spec.template.spec.containers[0].image}')).toBe(
        'sandbox.invalid/web:2',
      )
      await kubectl('rollout restart deployment/web')
      expect(await kubectl('rollout status deployment/web --timeout=60s')).toContain('successfully rolled out')
      expect(await kubectl('get events --field-selector=involvedObject.name=web')).toMatch(/ScalingReplicaSet/)
    })

    test('logs: the tail, since when, the life before; and nobody gets in', async () => {
      expect(await kubectl('logs deployment/web --tail=1')).toContain('simulator')
      expect(await kubectl('logs -l app=web --since=1h --timestamps')).toMatch(/^\d{4}-\d\d-\d\dT\S+ simulator/m)
      expect(await refused('logs deployment/web --previous')).toMatch(
        /previous terminated container "web" in pod "web-\S+" not found/,
      )
      expect(await refused('exec deployment/web -- ls')).toContain('nothing runs in a pod')
    })

    test('a job runs to its end, another is stopped and loses its pods', async () => {
      await writeFile(join(dir, 'jobs.yaml'), [job('quick', 1, 'counted to three'), job('slow', 600)].join('---\n'))
      await kubectl('create -f jobs.yaml')
      expect(await kubectl('wait --for=condition=complete job/quick --timeout=60s')).toContain('condition met')
      expect(await kubectl('logs job/quick')).toContain('counted to three')
      await kubectl('patch job slow --type=merge -p {"spec":{"suspend":true}}')
      await kubectl('wait --for=condition=suspended job/slow --timeout=60s')
      expect(await kubectl('get pods -l job-name=slow')).toContain('No resources found')
      expect(await kubectl('describe job slow')).toContain('Suspended')
    })

    test('rights are those of the Roles', async () => {
      const can = async (line: string, who: keyof Sandbox['kubeconfigs']) =>
        kubectl(`auth can-i ${line}`, who).catch(({ stdout }: { stdout: string }) => stdout)
      expect(await can('list pods', 'reader')).toMatch(/^yes/)
      expect(await can('patch deployments --subresource=scale', 'hands')).toMatch(/^yes/)
      expect(await can('patch deployments --subresource=scale', 'reader')).toMatch(/^no/)
      expect(await can('delete deployments', 'hands')).toMatch(/^no/)
      expect(await can('get secrets', 'reader')).toMatch(/^no/)
      expect(await can('delete deployments', 'operator')).toMatch(/^yes/)
      expect(await refused('delete deployment web', 'hands')).toContain(
        'User "firebreak-hands" cannot delete resource "deployments"',
      )
    })

    test('delete takes what was made for it along', async () => {
      expect(await kubectl('delete -f web.yaml')).toContain('deployment.apps "web" deleted')
      await kubectl('delete -f jobs.yaml')
      await expect.poll(() => kubectl('get pods,rs,endpoints -l app=web -o name'), { timeout: 20_000 }).toBe('')
      expect(await refused('get deployment web')).toContain('not found')
    })
  })
}

const web = (replicas: number) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app: web } }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: web, image: 'sandbox.invalid/web:1', ports: [{ name: http, containerPort: 8080 }] }
---
apiVersion: v1
kind: Service
metadata: { name: web, labels: { app: web } }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: http }] }
`

/** A job whose pod runs for so many seconds of the sandbox. */
const job = (name: string, seconds: number, says = '') => `
apiVersion: batch/v1
kind: Job
metadata: { name: ${name} }
spec:
  template:
    metadata: { annotations: { sandbox.firebreak.dev/run-seconds: '${seconds}', sandbox.firebreak.dev/log: '${says}' } }
    spec: { restartPolicy: Never, containers: [{ name: ${name}, image: 'sandbox.invalid/${name}:1' }] }
`
