import { apiVersionOf, type Resource } from './resource.js'
import { resources } from './resources.js'

/*
 * What kubectl needs of `/openapi`. Nothing here describes a field: the definitions name the kinds, and say which
 * parameters a patch takes, so that kubectl knows that the server rehearses (`--dry-run=server`) and checks fields by
 * itself. Old kubectls read version 2 as protobuf, newer ones version 3 as JSON.
 */
export function openapi(path: string, accept = ''): { type: string; body: string | Buffer } | undefined {
  const json = (body: object) => ({ type: 'application/json', body: JSON.stringify(body) })
  if (path === '/openapi/v2') {
    if (accept.includes('proto-openapi.spec.v2'))
      return { type: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf', body: versionTwo() }
    return json({ swagger: '2.0', info, paths: {}, definitions: {} })
  }
  if (path === '/openapi/v3')
    return json({
      paths: Object.fromEntries(roots.map((root) => [root, { serverRelativeURL: `/openapi/v3/${root}` }])),
    })
  const root = path.replace(/^\/openapi\/v3\//, '')
  return path.startsWith('/openapi/v3/') && roots.includes(root) ? json(versionThree(root)) : undefined
}

const info = { title: 'Firebreak sandbox (simulator)', version: 'v1.32.0' }
const rootOf = ({ group, version }: Resource): string => (group ? `apis/${group}/${version}` : `api/${version}`)
const roots = [...new Set(resources.map(rootOf))]

const GVK = 'x-kubernetes-group-version-kind'
const gvkOf = ({ group, version, kind }: Resource) => ({ group, kind, version })
const pathOf = (resource: Resource): string =>
  `/${rootOf(resource)}/${resource.namespaced ? 'namespaces/{namespace}/' : ''}${resource.plural}/{name}`
const modelOf = ({ group, version, kind }: Resource): string =>
  `io.k8s.api.${group === '' ? 'core' : group.split('.')[0]}.${version}.${kind}`
const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force']

function versionThree(root: string): object {
  const here = resources.filter((resource) => rootOf(resource) === root)
  const text = { type: 'string' }
  return {
    openapi: '3.0.0',
    info,
    paths: Object.fromEntries(
      here.map((resource) => {
        const patch = {
          parameters: parameters.map((name) => ({ name, in: 'query', schema: text })),
          responses: { 200: { description: 'OK' } },
          [GVK]: gvkOf(resource),
        }
        const get = { responses: { 200: { description: 'OK' } }, [GVK]: gvkOf(resource) }
        return [pathOf(resource), { get, patch }]
      }),
    ),
    components: {
      schemas: Object.fromEntries(
        here.map((resource) => [
          modelOf(resource),
          {
            description: resource.description,
            type: 'object',
            properties: {
              apiVersion: { ...text, description: apiVersionOf(resource) },
              kind: { ...text, description: resource.kind },
              metadata: { type: 'object', description: "Standard object's metadata." },
            },
            [GVK]: [gvkOf(resource)],
          },
        ]),
      ),
    },
  }
}

/** Protobuf's two shapes that are used here: bytes with a length, and numbers (only in tags and lengths). */
function field(number: number, content: Buffer | string): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}
function varint(value: number): Buffer {
  const bytes: number[] = []
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80)
  return Buffer.from([...bytes, value])
}
const message = (...fields: Buffer[]) => Buffer.concat(fields)
const named = (name: string, value: Buffer) => message(field(1, name), field(2, value))

/** `openapi.v2.Document` of gnostic's OpenAPIv2.proto: the numbers are its. */
function versionTwo(): Buffer {
  const extension = (resource: Resource) => {
    const { group, kind, version } = gvkOf(resource)
    // An Any: its second field is YAML.
    return named(GVK, field(2, `group: "${group}"\nkind: ${kind}\nversion: ${version}\n`))
  }
  const parameter = (name: string) => {
    const inQuery = message(field(2, 'query'), field(4, name))
    return field(1, field(2, field(3, inQuery)))
  }
  const paths = resources.map((resource) => {
    const patch = message(...parameters.map((name) => field(8, parameter(name))), field(13, extension(resource)))
    return field(2, named(pathOf(resource), field(8, patch)))
  })
  return message(
    field(1, '2.0'),
    field(2, message(field(1, info.title), field(2, info.version))),
    field(8, message(...paths)),
    field(9, Buffer.alloc(0)),
  )
}
