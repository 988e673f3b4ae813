import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

/** One request to an API server, as plain as can be. `body` is sent as JSON unless it is text. */
export interface ApiRequest {
  method?: string
  path: string
  body?: unknown
  type?: string
  accept?: string
}

export interface ApiAnswer {
  code: number
  body: Record<string, unknown>
}

/** What a watch says, line by line; `return()` ends it. */
export type WatchEvents = AsyncIterator<{ type: string; object: Record<string, unknown> }>

/** An API server that may be written to, and a namespace of one's own in it. */
export interface ApiServerWorld {
  call(request: ApiRequest): Promise<ApiAnswer>
  watch(path: string): Promise<WatchEvents>
  namespace: string
  /** False where no controllers run (a bare API server): nothing comes of what is asked for. */
  settles: boolean
  close(): Promise<void>
}

type Tree = Record<string, unknown>

/**
 * What Firebreak and its on-call people rely on when they talk to an API server, at the level of HTTP. It runs against
 * the sandbox and against a real one: where they differ, the sandbox is wrong.
 */
export function apiServerContract(name: string, open: () => Promise<ApiServerWorld>): void {
  describe(`${name} keeps the contract of the Kubernetes API`, () => {
    let world: ApiServerWorld
    let count = 0
    beforeAll(async () => void (world = await open()))
    afterAll(() => world?.close())

    const fresh = (kind: string) => `${kind}-${++count}`
    const deployments = () => `/apis/apps/v1/namespaces/${world.namespace}/deployments`
    const configMaps = () => `/api/v1/namespaces/${world.namespace}/configmaps`
    const jobs = () => `/apis/batch/v1/namespaces/${world.namespace}/jobs`
    const get = async (path: string) => (await world.call({ path })).body
    const create = (path: string, body: unknown) => world.call({ method: 'POST', path, body })
    const patch = (path: string, body: unknown, kind: keyof typeof types = 'merge', query = '') =>
      world.call({ method: 'PATCH', path: path + query, body, type: types[kind] })
    const apply = (path: string, body: unknown, manager: string, force = false) =>
      patch(path, body, 'apply', `?fieldManager=${manager}&force=${force}`)
    const deploy = async (spec: Tree = {}) => {
      const name = fresh('web')
      const { code, body } = await create(deployments(), deployment(name, spec))
      expect(code).toBe(201)
      return { path: `${deployments()}/${name}`, name, body }
    }
    const configure = async (data: Tree, metadata: Tree = {}) => {
      const name = fresh('config')
      const { code, body } = await create(configMaps(), configMap(name, data, metadata))
      expect(code).toBe(201)
      return { path: `${configMaps()}/${name}`, name, body }
    }

    test('what is created has an identity, a version, a first generation, and what was left out', async () => {
      const { body, name } = await deploy()
      expect(body).toMatchObject({
        kind: 'Deployment',
        apiVersion: 'apps/v1',
        metadata: { name, namespace: world.namespace, generation: 1 },
        spec: {
          replicas: 1,
          revisionHistoryLimit: 10,
          progressDeadlineSeconds: 600,
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
          template: {
            spec: {
              restartPolicy: 'Always',
              terminationGracePeriodSeconds: 30,
              containers: [{ name: 'web', ports: [{ containerPort: 8080, protocol: 'TCP' }] }],
            },
          },
        },
      })
      const { uid, resourceVersion, creationTimestamp } = metadataOf(body)
      expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
      expect(resourceVersion).toMatch(/^\d+$/)
      expect(creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    })

    test('a name can be left to the server', async () => {
      const { code, body } = await create(configMaps(), { metadata: { generateName: 'drawn-' } })
      expect(code).toBe(201)
      expect(metadataOf(body).name).toMatch(/^drawn-.{5}$/)
    })

    test('the same name again is a conflict that says so', async () => {
      const { name } = await configure({})
      expect(await create(configMaps(), configMap(name))).toMatchObject({
        code: 409,
        body: {
          kind: 'Status',
          status: 'Failure',
          reason: 'AlreadyExists',
          code: 409,
          details: { name, kind: 'configmaps' },
        },
      })
    })

    test('what is not there is not found, and so is what is in no namespace', async () => {
      expect(await world.call({ path: `${deployments()}/nobody` })).toMatchObject({
        code: 404,
        body: { reason: 'NotFound', details: { name: 'nobody', group: 'apps', kind: 'deployments' } },
      })
      const nowhere = await create('/api/v1/namespaces/no-such-namespace/configmaps', configMap('lost'))
      expect(nowhere).toMatchObject({ code: 404, body: { details: { name: 'no-such-namespace', kind: 'namespaces' } } })
      expect((await world.call({ path: '/apis/nothing.example/v1/things' })).code).toBe(404)
    })

    test('a body that says it is something else, or has another name, is refused', async () => {
      expect((await create(configMaps(), { ...configMap('x'), kind: 'Secret' })).code).toBe(400)
      const { path } = await configure({})
      expect((await world.call({ method: 'PUT', path, body: configMap('other') })).code).toBe(400)
    })

    test('an update of an older version is a conflict, and changes nothing', async () => {
      const { path, body } = await configure({ a: '1' })
      const newer = await patch(path, { data: { a: '2' } })
      const stale = await world.call({ method: 'PUT', path, body: { ...body, data: { a: '3' } } })
      expect(stale).toMatchObject({ code: 409, body: { reason: 'Conflict' } })
      expect(await get(path)).toEqual(newer.body)
      const conditional = { metadata: { resourceVersion: metadataOf(body).resourceVersion }, data: { a: '3' } }
      expect((await patch(path, conditional)).code).toBe(409)
    })

    test('a change of the spec is a new generation, one of the labels is not, and none at all is no new version', async () => {
      const { path, body } = await deploy({ paused: true })
      const labelled = await patch(path, { metadata: { labels: { tier: 'web' } } })
      expect(metadataOf(labelled.body).generation).toBe(1)
      const scaled = await patch(path, { spec: { replicas: 0 } })
      expect(metadataOf(scaled.body).generation).toBe(2)
      expect(metadataOf(scaled.body).uid).toBe(metadataOf(body).uid)
      const { path: quiet, body: before } = await configure({ a: '1' })
      const same = await patch(quiet, { data: { a: '1' } })
      expect(metadataOf(same.body).resourceVersion).toBe(metadataOf(before).resourceVersion)
    })

    test('a merge patch replaces lists, and null takes away', async () => {
      const { path } = await deploy({ replicas: 0 })
      const containers = [{ name: 'other', image: IMAGE }]
      const { body } = await patch(path, {
        metadata: { labels: { app: null } },
        spec: { template: { spec: { containers } } },
      })
      expect(containersOf(body).map(({ name }) => name)).toEqual(['other'])
      expect(metadataOf(body).labels ?? {}).not.toHaveProperty('app')
    })

    test('a JSON patch tests before it changes', async () => {
      const { path } = await configure({ a: '1', b: '2' })
      const good = [
        { op: 'test', path: '/data/a', value: '1' },
        { op: 'replace', path: '/data/a', value: '9' },
        { op: 'move', from: '/data/b', path: '/data/c' },
      ]
      expect((await patch(path, good, 'json')).body.data).toEqual({ a: '9', c: '2' })
      const bad = [{ op: 'test', path: '/data/a', value: '1' }]
      expect((await patch(path, bad, 'json')).code).toBeGreaterThanOrEqual(400)
      expect((await get(path)).data).toEqual({ a: '9', c: '2' })
      expect((await patch(path, { data: {} }, 'json')).code).toBe(400)
    })

    test('a strategic merge patch finds containers, env and ports by their keys', async () => {
      const { path } = await deploy({ replicas: 0 })
      const change = (container: Tree) =>
        patch(path, { spec: { template: { spec: { containers: [{ name: 'web', ...container }] } } } }, 'strategic')
      const env = await change({ env: [{ name: 'B', value: '2' }] })
      expect(containersOf(env.body)).toMatchObject(
        [
          {
            name: 'web',
            image: IMAGE,
            env: [
              { name: 'B', value: '2' },
              { name: 'A', value: '1' },
            ],
          },
        ].map((one) => ({ ...one, env: expect.arrayContaining(one.env) as unknown })),
      )
      const named = await change({ ports: [{ containerPort: 8080, name: 'http' }] })
      expect(containersOf(named.body)[0]!.ports).toMatchObject([{ containerPort: 8080, name: 'http', protocol: 'TCP' }])
      const gone = await change({ env: [{ name: 'A', $patch: 'delete' }] })
      expect(containersOf(gone.body)[0]!.env).toEqual([{ name: 'B', value: '2' }])
      const sidecar = { spec: { template: { spec: { containers: [{ name: 'sidecar', image: IMAGE }] } } } }
      const both = await patch(path, sidecar, 'strategic')
      expect(
        containersOf(both.body)
          .map(({ name }) => name)
          .sort(),
      ).toEqual(['sidecar', 'web'])
      const removal = { spec: { template: { spec: { containers: [{ name: 'sidecar', $patch: 'delete' }] } } } }
      expect(containersOf((await patch(path, removal, 'strategic')).body)).toHaveLength(1)
    })

    test('a patch of a type that is not known is refused with 415', async () => {
      const { path } = await configure({})
      const { code } = await world.call({ method: 'PATCH', path, body: {}, type: 'application/json' })
      expect(code).toBe(415)
    })

    test('what makes no sense is invalid, and the answer names the field', async () => {
      const { path } = await deploy({ replicas: 0 })
      expect(await patch(path, { spec: { replicas: -1 } })).toMatchObject({
        code: 422,
        body: { reason: 'Invalid', details: { causes: [{ field: 'spec.replicas' }] } },
      })
      const selector = { matchLabels: { app: 'other' } }
      expect((await patch(path, { spec: { selector } })).code).toBe(422)
      expect(
        (await create(deployments(), deployment(fresh('web'), { template: { spec: { containers: [] } } }))).code,
      ).toBe(422)
      expect((await create(configMaps(), configMap('Not A Name'))).code).toBe(422)
    })

    test('the scale is a door to the replicas, and to nothing else', async () => {
      const { path } = await deploy({ replicas: 0 })
      expect(await get(`${path}/scale`)).toMatchObject({
        kind: 'Scale',
        apiVersion: 'autoscaling/v1',
        spec: {},
        status: { replicas: 0 },
      })
      const { code, body } = await patch(`${path}/scale`, { spec: { replicas: 1 } }, 'merge', '?fieldManager=scaler')
      expect({ code, replicas: (body.spec as Tree).replicas }).toEqual({ code: 200, replicas: 1 })
      const after = await get(path)
      expect(after).toMatchObject({ spec: { replicas: 1 } })
      expect(managersOf(after)).toContainEqual(['scaler', 'Update', 'scale'])
      const stale = { metadata: { resourceVersion: '1' }, spec: { replicas: 5 } }
      expect((await patch(`${path}/scale`, stale)).code).toBe(409)
      expect((await patch(`${path}/scale`, { spec: { replicas: -1 } })).code).toBe(422)
    })

    test('the status is written through its own door only', async () => {
      const name = fresh('job')
      await create(jobs(), job(name, { suspend: true }))
      const path = `${jobs()}/${name}`
      const conditions = [{ type: 'Rehearsed', status: 'True' }]
      expect((await patch(path, { status: { conditions } })).code).toBe(200)
      expect(JSON.stringify((await get(path)).status ?? {})).not.toContain('Rehearsed')
      await vi.waitFor(async () => {
        const { code } = await patch(`${path}/status`, { status: { conditions }, spec: { parallelism: 7 } })
        expect(code).toBe(200)
      })
      const after = await get(path)
      expect(JSON.stringify(after.status)).toContain('Rehearsed')
      expect(after.spec).toMatchObject({ parallelism: 1 })
    })

    test('a rehearsal (dryRun) answers what would be, and changes nothing', async () => {
      const { path, body } = await configure({ a: '1' })
      const rehearsed = await patch(path, { data: { a: '2' } }, 'merge', '?dryRun=All')
      expect(rehearsed.body.data).toEqual({ a: '2' })
      expect((await world.call({ method: 'DELETE', path: `${path}?dryRun=All` })).code).toBe(200)
      expect(await get(path)).toEqual(body)
      const drawn = fresh('config')
      expect((await create(`${configMaps()}?dryRun=All`, configMap(drawn))).code).toBe(201)
      expect((await world.call({ path: `${configMaps()}/${drawn}` })).code).toBe(404)
      expect((await patch(path, { data: { a: '2' } }, 'merge', '?dryRun=Perhaps')).code).toBeGreaterThanOrEqual(400)
      expect(await get(path)).toEqual(body)
    })

    test('server-side apply makes, owns what it says, and takes away what it says no more', async () => {
      const name = fresh('config')
      const path = `${configMaps()}/${name}`
      expect((await apply(path, configMap(name, { a: '1', b: '2' }), 'one')).code).toBe(201)
      const made = await get(path)
      expect(made).toMatchObject({
        data: { a: '1', b: '2' },
        metadata: {
          managedFields: [
            {
              manager: 'one',
              operation: 'Apply',
              apiVersion: 'v1',
              fieldsType: 'FieldsV1',
              fieldsV1: { 'f:data': { 'f:a': {}, 'f:b': {} } },
            },
          ],
        },
      })
      const again = await apply(path, configMap(name, { a: '1', b: '2' }), 'one')
      expect(again.code).toBe(200)
      expect(metadataOf(again.body).resourceVersion).toBe(metadataOf(made).resourceVersion)
      expect((await apply(path, configMap(name, { a: '1' }), 'one')).body.data).toEqual({ a: '1' })
    })

    test('what two managers apply alike stays until neither wants it', async () => {
      const name = fresh('config')
      const path = `${configMaps()}/${name}`
      await apply(path, configMap(name, { a: '1' }), 'one')
      expect((await apply(path, configMap(name, { a: '1', b: '2' }), 'two')).code).toBe(200)
      expect((await apply(path, configMap(name, {}), 'one')).body.data).toEqual({ a: '1', b: '2' })
      expect((await apply(path, configMap(name, { b: '2' }), 'two')).body.data).toEqual({ b: '2' })
    })

    test("another manager's value is a conflict that names it, unless it is taken by force", async () => {
      const { path, name } = await deploy({ replicas: 0 })
      const applied = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name },
        spec: { template: { spec: { containers: [{ name: 'web', image: `${IMAGE}-b` }] } } },
      }
      await patch(path, { spec: { template: { metadata: { labels: { a: 'b' } } } } }, 'merge', '?fieldManager=hand')
      const refused = await apply(path, applied, 'machine')
      expect(refused).toMatchObject({ code: 409, body: { reason: 'Conflict' } })
      const { causes } = refused.body.details as { causes: { reason: string; field: string }[] }
      expect(causes).toEqual([
        expect.objectContaining({
          reason: 'FieldManagerConflict',
          field: '.spec.template.spec.containers[name="web"].image',
        }),
      ])
      expect(containersOf(await get(path))[0]!.image).toBe(IMAGE)
      const forced = await apply(path, applied, 'machine', true)
      expect(forced.code).toBe(200)
      expect(containersOf(forced.body)[0]).toMatchObject({ image: `${IMAGE}-b`, env: [{ name: 'A', value: '1' }] })
      expect(managersOf(forced.body)).toContainEqual(['machine', 'Apply', ''])
      expect(managersOf(forced.body)).toContainEqual(['hand', 'Update', ''])
    })

    test('an apply without a manager, or without a kind, is refused', async () => {
      const { path, name } = await configure({})
      expect((await patch(path, configMap(name), 'apply')).code).toBeGreaterThanOrEqual(400)
      expect((await apply(path, { metadata: { name } }, 'one')).code).toBe(400)
      expect((await patch(path, {}, 'merge', '?force=true')).code).toBe(422)
    })

    test('a list is selected by labels and by name', async () => {
      const group = fresh('group')
      const [one, two] = [
        await configure({}, { labels: { group, color: 'red' } }),
        await configure({}, { labels: { group } }),
      ]
      const names = async (query: string) => {
        const { items } = (await get(`${configMaps()}?${query}`)) as { items: Tree[] }
        return items.map((item) => metadataOf(item).name)
      }
      const selector = (text: string) => names(`labelSelector=${encodeURIComponent(text)}`)
      expect(await selector(`group=${group}`)).toEqual([one.name, two.name].sort())
      expect(await selector(`group=${group},color=red`)).toEqual([one.name])
      expect(await selector(`group=${group},color!=red`)).toEqual([two.name])
      expect(await selector(`group in (${group}),!color`)).toEqual([two.name])
      expect(await names(`fieldSelector=metadata.name%3D${two.name}`)).toEqual([two.name])
      expect((await world.call({ path: `${configMaps()}?labelSelector=%3D%3D%3D` })).code).toBe(400)
      expect((await world.call({ path: `${configMaps()}?fieldSelector=data.a%3Db` })).code).toBe(400)
    })

    test('a list comes in pages that all show the same moment', async () => {
      const group = fresh('group')
      const made = [
        await configure({}, { labels: { group } }),
        await configure({}, { labels: { group } }),
        await configure({}, { labels: { group } }),
      ]
      const page = (more = '') => get(`${configMaps()}?labelSelector=group%3D${group}&limit=2${more}`)
      const first = await page()
      expect(first.items).toHaveLength(2)
      const { continue: token, resourceVersion } = first.metadata as { continue: string; resourceVersion: string }
      await configure({}, { labels: { group } })
      const second = await page(`&continue=${encodeURIComponent(token)}`)
      expect(second.metadata).toMatchObject({ resourceVersion })
      const all = [...(first.items as Tree[]), ...(second.items as Tree[])].map((item) => metadataOf(item).name)
      expect(all).toEqual(made.map(({ name }) => name).sort())
      expect((second.metadata as Tree).continue ?? '').toBe('')
      expect((await world.call({ path: `${configMaps()}?limit=1&continue=nonsense` })).code).toBe(400)
    })

    test('rows and columns are made by the server', async () => {
      const { path, name } = await configure({ a: '1', b: '2' })
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
      const { body } = await world.call({ path, accept })
      const table = body as { columnDefinitions: { name: string }[]; rows: { cells: unknown[]; object: Tree }[] }
      expect(body.kind).toBe('Table')
      expect(table.columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Data', 'Age'])
      expect(table.rows[0]!.cells.slice(0, 2).map(String)).toEqual([name, '2'])
      expect(table.rows[0]!.object.kind).toBe('PartialObjectMetadata')
    })

    test('a watch tells what comes, changes, leaves a selection, and goes', async () => {
      const group = fresh('group')
      const { metadata } = (await get(configMaps())) as { metadata: { resourceVersion: string } }
      const events = await world.watch(
        `${configMaps()}?watch=true&labelSelector=group%3D${group}&resourceVersion=${metadata.resourceVersion}`,
      )
      try {
        const next = async () => {
          const { value } = (await events.next()) as { value: { type: string; object: Tree } }
          return [value.type, metadataOf(value.object).name]
        }
        const one = await configure({}, { labels: { group } })
        expect(await next()).toEqual(['ADDED', one.name])
        await patch(one.path, { data: { a: '1' } })
        expect(await next()).toEqual(['MODIFIED', one.name])
        await patch(one.path, { metadata: { labels: { group: 'another' } } })
        expect(await next()).toEqual(['DELETED', one.name])
        const two = await configure({}, { labels: { group } })
        expect(await next()).toEqual(['ADDED', two.name])
        await world.call({ method: 'DELETE', path: two.path })
        expect(await next()).toEqual(['DELETED', two.name])
      } finally {
        await events.return?.()
      }
    })

    test('a deletion holds to its preconditions, and says what is gone', async () => {
      const { path, name, body } = await configure({})
      const { uid } = metadataOf(body)
      const other = { preconditions: { uid: '00000000-0000-4000-8000-000000000000' } }
      expect((await world.call({ method: 'DELETE', path, body: other })).code).toBe(409)
      expect(await world.call({ method: 'DELETE', path, body: { preconditions: { uid } } })).toMatchObject({
        code: 200,
        body: { kind: 'Status', status: 'Success', details: { name, kind: 'configmaps', uid } },
      })
      expect((await world.call({ path })).code).toBe(404)
      expect((await world.call({ method: 'DELETE', path })).code).toBe(404)
    })

    test('a whole selection is deleted at once', async () => {
      const group = fresh('group')
      const gone = [await configure({}, { labels: { group } }), await configure({}, { labels: { group } })]
      const stays = await configure({})
      expect(
        (await world.call({ method: 'DELETE', path: `${configMaps()}?labelSelector=group%3D${group}` })).code,
      ).toBe(200)
      for (const { path } of gone) expect((await world.call({ path })).code).toBe(404)
      expect((await world.call({ path: stays.path })).code).toBe(200)
    })

    test('an immutable config map stays what it is', async () => {
      const name = fresh('config')
      await create(configMaps(), { ...configMap(name, { a: '1' }), immutable: true })
      expect((await patch(`${configMaps()}/${name}`, { data: { a: '2' } })).code).toBe(422)
    })

    test('a secret takes text and keeps it encoded', async () => {
      const path = `/api/v1/namespaces/${world.namespace}/secrets`
      const name = fresh('secret')
      const { body } = await create(path, { metadata: { name }, stringData: { word: 'open' } })
      expect(body).toMatchObject({ type: 'Opaque', data: { word: 'b3Blbg==' } })
      expect(body).not.toHaveProperty('stringData')
    })

    test('jobs and their schedules are held to sense', async () => {
      const name = fresh('job')
      const { body } = await create(jobs(), job(name, { suspend: true }))
      expect(body).toMatchObject({ spec: { parallelism: 1, completions: 1, backoffLimit: 6, suspend: true } })
      const restarting = job(fresh('job'), {})
      Object.assign(restarting.spec.template.spec, { restartPolicy: 'Always' })
      expect((await create(jobs(), restarting)).code).toBe(422)
      const cronJob = (schedule: string) => ({
        metadata: { name: fresh('cron') },
        spec: { schedule, jobTemplate: { spec: job('x', {}).spec } },
      })
      const path = `/apis/batch/v1/namespaces/${world.namespace}/cronjobs`
      expect((await create(path, cronJob('*/5 * * * *'))).body).toMatchObject({
        spec: { concurrencyPolicy: 'Allow', suspend: false },
      })
      expect((await create(path, cronJob('whenever'))).code).toBe(422)
    })

    test('an autoscaler whose floor is above its ceiling is invalid', async () => {
      const path = `/apis/autoscaling/v2/namespaces/${world.namespace}/horizontalpodautoscalers`
      const of = (minReplicas: number) => ({
        metadata: { name: fresh('hpa') },
        spec: {
          minReplicas,
          maxReplicas: 3,
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        },
      })
      expect((await create(path, of(5))).code).toBe(422)
      expect((await create(path, of(1))).code).toBe(201)
    })

    test('one can ask what one may do', async () => {
      const { code, body } = await create('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { verb: 'create', resource: 'configmaps', namespace: world.namespace } },
      })
      expect(code).toBe(201)
      expect(body.status).toMatchObject({ allowed: true })
    })

    test('discovery names what there is', async () => {
      const { resources } = (await get('/apis/apps/v1')) as {
        resources: { name: string; kind: string; shortNames?: string[] }[]
      }
      expect(resources).toContainEqual(
        expect.objectContaining({ name: 'deployments', kind: 'Deployment', shortNames: ['deploy'] }),
      )
      expect(resources).toContainEqual(expect.objectContaining({ name: 'deployments/scale', kind: 'Scale' }))
    })

    test('a new template is rolled out through a new ReplicaSet, and the old one keeps no pod', async (it) => {
      if (!world.settles) return it.skip('no controllers run here')
      const { path, name } = await deploy({ replicas: 2 })
      const done = async (revision: string) => {
        const found = await get(path)
        expect(metadataOf(found).annotations).toMatchObject({ 'deployment.kubernetes.io/revision': revision })
        expect(found.status).toMatchObject({ replicas: 2, updatedReplicas: 2, availableReplicas: 2 })
        expect((found.status as Tree).conditions).toContainEqual(
          expect.objectContaining({ type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' }),
        )
      }
      await vi.waitFor(() => done('1'), patiently)
      await patch(path, { spec: { template: { metadata: { annotations: { rolled: 'out' } } } } })
      await vi.waitFor(() => done('2'), patiently)
      const sets = (await get(
        `/apis/apps/v1/namespaces/${world.namespace}/replicasets?labelSelector=app%3D${name}`,
      )) as { items: Tree[] }
      expect(sets.items.map(({ spec }) => (spec as Tree).replicas).sort()).toEqual([0, 2])
    })

    test('a job that is suspended loses its pods, and gets new ones when it goes on', async (it) => {
      if (!world.settles) return it.skip('no controllers run here')
      const name = fresh('job')
      await create(jobs(), job(name, {}))
      const pods = async () =>
        (
          (await get(`/api/v1/namespaces/${world.namespace}/pods?labelSelector=job-name%3D${name}`)) as {
            items: Tree[]
          }
        ).items
      await vi.waitFor(async () => expect(await pods()).toHaveLength(1), patiently)
      await patch(`${jobs()}/${name}`, { spec: { suspend: true } })
      await vi.waitFor(async () => expect(await pods()).toEqual([]), patiently)
      await vi.waitFor(async () => {
        const { conditions } = (await get(`${jobs()}/${name}`)).status as { conditions: Tree[] }
        expect(conditions).toContainEqual(expect.objectContaining({ type: 'Suspended', status: 'True' }))
      }, patiently)
      await patch(`${jobs()}/${name}`, { spec: { suspend: false } })
      await vi.waitFor(async () => expect(await pods()).toHaveLength(1), patiently)
    })
  })
}

const types = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const

/** Small, and there for every machine; the sandbox pulls nothing. */
const IMAGE = 'registry.k8s.io/pause:3.10'
const patiently = { timeout: 60_000, interval: 50 }

const deployment = (name: string, spec: Tree) => ({
  metadata: { name, labels: { app: name } },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [{ name: 'web', image: IMAGE, env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 8080 }] }],
      },
    },
    ...spec,
  },
})

const configMap = (name: string, data: Tree = {}, metadata: Tree = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
})

/** A job whose pod runs for as long as the test. */
const job = (name: string, spec: Tree) => ({
  metadata: { name },
  spec: {
    template: {
      metadata: { annotations: { 'sandbox.firebreak.dev/run-seconds': '86400' } },
      spec: { restartPolicy: 'Never', containers: [{ name: 'job', image: IMAGE }] },
    },
    ...spec,
  },
})

interface Metadata {
  name: string
  uid: string
  resourceVersion: string
  creationTimestamp: string
  generation?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  managedFields?: { manager: string; operation: string; subresource?: string }[]
}
const metadataOf = (object: Tree) => object.metadata as Metadata
const managersOf = (object: Tree) =>
  (metadataOf(object).managedFields ?? []).map(({ manager, operation, subresource = '' }) => [
    manager,
    operation,
    subresource,
  ])
const containersOf = (object: Tree) =>
  (object.spec as { template: { spec: { containers: Tree[] } } }).template.spec.containers
