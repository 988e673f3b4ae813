import { needsOf, readerNeeds, rightsFor, type RightsRule } from '@firebreak/kit'
import { verbs } from '@firebreak/kit/verbs'
import { stringify } from 'yaml'

/** Where Firebreak itself lives in the cluster. */
const HOME = 'firebreak'

const HEAD = `# Firebreak's two accounts in the watched cluster, and what each may do. Generated: the reader's rights are what
# ClusterReader asks for, those of the hands what the verbs say that they need. Change those, then run
#   npx vitest run infra/dev/src/rights --update
# The bindings are of the namespaces that firebreak.yaml observes; add one for each namespace that you watch, and none
# for the whole cluster. Each account has a kubeconfig of its own (KUBECONFIG_READER, KUBECONFIG_HANDS of the worker).
`

/** `infra/k8s/rbac.yaml`: two accounts, two roles, and a binding of each in every one of these namespaces. */
export function rightsManifest(namespaces: readonly string[]): string {
  const accounts = [
    { name: 'firebreak-reader', rules: rightsFor(readerNeeds) },
    { name: 'firebreak-hands', rules: rightsFor(needsOf(verbs.values())) },
  ]
  const documents = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: HOME } },
    ...accounts.flatMap(({ name, rules }) => [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: HOME } },
      role(name, rules),
      ...namespaces.map((namespace) => binding(name, namespace)),
    ]),
  ]
  return HEAD + documents.map((document) => stringify(document, { lineWidth: 120, singleQuote: true })).join('---\n')
}

const API = 'rbac.authorization.k8s.io'

const role = (name: string, rules: RightsRule[]) => ({
  apiVersion: `${API}/v1`,
  kind: 'ClusterRole',
  metadata: { name },
  rules,
})

const binding = (name: string, namespace: string) => ({
  apiVersion: `${API}/v1`,
  kind: 'RoleBinding',
  metadata: { name, namespace },
  roleRef: { apiGroup: API, kind: 'ClusterRole', name },
  subjects: [{ kind: 'ServiceAccount', name, namespace: HOME }],
})
