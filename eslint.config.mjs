import nx from '@nx/eslint-plugin'
import tseslint from 'typescript-eslint'

/**
 * Who may import whom: the table of ARCHITECTURE.md, as data.
 * `libs` are project tags, `npm` are packages. Node's own modules are held by the tsconfig of each runtime.
 */
const may = {
  kit: { libs: [], npm: ['zod'] },
  'audit-log': { libs: [], npm: ['zod', '@noble/*'] },
  // A recipe's spec plays it on the real engine: the test kit is flow's, the recipe itself knows nothing of it.
  catalog: { libs: ['kit'], npm: ['zod'], tests: ['flow'] },
  'yaml-recipes': { libs: ['kit'], npm: ['yaml', '@marcbachmann/cel-js', 'zod'], tests: ['flow'] },
  flow: { libs: ['kit', 'audit-log'], npm: [] },
  // Both read files that people write: faults with their lines, and later conditions in CEL, come from one place.
  house: { libs: ['kit', 'flow', 'yaml-recipes'], npm: ['zod'] },
  source: { libs: ['kit', 'flow'], npm: ['zod'] },
  target: { libs: ['kit'], npm: ['zod', '@kubernetes/client-node', '@aws-sdk/client-s3', 'bull', 'bullmq', 'ioredis'] },
  queue: { libs: ['flow'], npm: ['bull'] },
  store: { libs: ['flow', 'kit', 'audit-log', 'audit-store'], npm: ['typeorm', 'pg', 'uuid'] },
  'audit-store': { libs: ['audit-log'], npm: ['pg'] },
  'audit-export': { libs: ['audit-log', 'audit-store'], npm: [] },
  'audit-bin': { libs: ['audit-log', 'audit-store', 'settings', 'telemetry'], npm: ['pg', 'zod'] },
  settings: { libs: [], npm: ['zod'] },
  // Logs and traces of the programs. It knows no word of the domain, and the domain knows none of it.
  telemetry: { libs: [], npm: ['pino', '@opentelemetry/*'] },
  client: { libs: [], npm: ['openapi-fetch'] },
  // What both hosts of the console say with each answer.
  page: { libs: [], npm: [] },
  // The page that checks bundles is tested with bundles as they are made.
  console: {
    libs: ['audit-log', 'client', 'page'],
    npm: [
      'react*',
      '@mantine/*',
      '@tanstack/*',
      '@vitejs/*',
      'vite',
      'zod',
      'electron',
      'marked',
      'openid-client',
      'uplot',
    ],
    tests: ['audit-export'],
  },
  // Node's own argument parser does; a bundle is checked by the auditor's own code, and nothing else of ours is known here.
  cli: { libs: ['audit-log', 'client'], npm: [], tests: ['audit-export'] },
  sandbox: { libs: [], npm: ['yaml', 'bull', 'bullmq', 'tesseract.js', '@tesseract.js-data/eng'] },
}

const everything = Object.keys(may)
const apps = {
  api: everything.filter((tag) => !['target', 'console', 'cli', 'sandbox', 'audit-bin', 'client'].includes(tag)),
  worker: everything.filter((tag) => !['console', 'cli', 'sandbox', 'audit-bin', 'client'].includes(tag)),
  dev: everything,
}

/** What only tests may use besides. */
const forTests = [
  'zod',
  'vitest',
  'pg',
  '@types/*',
  'supertest',
  'yaml',
  'ioredis',
  'eslint',
  'playwright-core',
  'axe-core',
  '@sparticuz/chromium',
  '@nestjs/testing',
  'oidc-provider',
  'jose',
]

const boundaries = (tests) => [
  ...Object.entries(may).map(([tag, { libs, npm, tests: more = [] }]) => ({
    sourceTag: `is:${tag}`,
    onlyDependOnLibsWithTags: [tag, ...libs, ...(tests ? ['dev', 'sandbox', ...more] : [])].map((lib) => `is:${lib}`),
    allowedExternalImports: tests ? [...npm, ...forTests] : npm,
  })),
  ...Object.entries(apps).map(([tag, libs]) => ({
    sourceTag: `is:${tag}`,
    onlyDependOnLibsWithTags: [tag, ...libs, ...(tests ? ['dev', 'sandbox', 'client'] : [])].map((lib) => `is:${lib}`),
  })),
]

const TESTS = [
  '**/*.spec.ts',
  '**/*.spec.tsx',
  '**/testing/**/*.ts',
  '**/e2e/**/*.ts',
  '**/screens/**/*.ts',
  'apps/console/bench/*.ts',
]

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/dist-demo/**',
      '**/node_modules/**',
      '**/.nx/**',
      '.firebreak/**',
      'libs/client/src/schema.ts',
    ],
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { enforceBuildableLibDependency: false, allow: [], depConstraints: boundaries(false) },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // A port's async method may have nothing to wait for, and our records of functions never say `this`.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: TESTS,
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: [],
          depConstraints: boundaries(true),
          // Its programs start everything, and everybody's tests start a Postgres with it. Compiled apart, they are no circle.
          ignoredCircularDependencies: [['@firebreak/dev', '*']],
        },
      ],
    },
  },
  {
    // Domain code owns no clock and no dice: time and ids are arguments, so that a run can be replayed.
    files: ['libs/recipes/kit/**/*.ts', 'libs/recipes/catalog/**/*.ts', 'libs/flow/**/*.ts', 'libs/audit/log/**/*.ts'],
    ignores: TESTS,
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time is an argument.' },
        { object: 'Math', property: 'random', message: 'Ids are an argument.' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time is an argument.' },
      ],
    },
  },
  {
    // Text of others becomes elements and nothing else: what would read it as markup or as a script is not even written.
    files: ['apps/console/src/**/*.{ts,tsx}'],
    ignores: TESTS,
    rules: {
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-restricted-properties': [
        'error',
        ...['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'srcdoc', 'createContextualFragment', 'setHTMLUnsafe'].map(
          (property) => ({ property, message: 'Text of others is text: make elements.' }),
        ),
        { object: 'document', property: 'write', message: 'Text of others is text: make elements.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML'], Property[key.name='dangerouslySetInnerHTML']",
          message: 'Text of others is text: make elements.',
        },
      ],
    },
  },
  { files: ['vitest.config.ts', '**/vite*.config.ts'], extends: [tseslint.configs.disableTypeChecked] },
)
