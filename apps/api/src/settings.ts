import { settingsOf } from '@firebreak/settings'
import { environment } from './config.js'

/** What the API reads from its environment, and what each of it means. */
export const settings = settingsOf(environment, {
  DATABASE_URL: ['password', 'The Postgres of the record, as `fb_api`.'],
  REDIS_URL: ['password', 'The doorbell, alone or behind Sentinels (`libs/queue/README.md`).'],
  FIREBREAK_PORT: 'Where it listens.',
  FIREBREAK_HOST: 'On which address it listens.',
  FIREBREAK_HOSTS: 'More names in the Host header that it answers to, separated by commas.',
  FIREBREAK_MODE: '`production`, or `sandbox`: seeded people, and a sign-in that asks nothing.',
  FIREBREAK_URL: 'Under which address browsers come. With https its cookies go no other way.',
  FIREBREAK_OIDC_ISSUER: 'The identity provider. It is set together with the client’s id and secret and FIREBREAK_URL.',
  FIREBREAK_OIDC_CLIENT_ID: 'By which name the provider knows us.',
  FIREBREAK_OIDC_CLIENT_SECRET: ['whole', 'What we prove that by.'],
  FIREBREAK_OIDC_AUDIENCE: 'For whom the provider makes the tokens that tools bring; without it none is taken.',
  FIREBREAK_OIDC_ADMIN: 'Whom the provider calls this becomes the first administrator.',
  FIREBREAK_CONFIG: 'The house: `firebreak.yaml`.',
  FIREBREAK_PEOPLE_FILE: 'Sandbox only: where the keys of its people are written.',
  FIREBREAK_BLOBS: 'The folder from which exported bundles are handed out; the worker’s.',
  FIREBREAK_CONSOLE: 'The folder of the built page.',
  FIREBREAK_RUNBOOK: 'The folder of the runbook’s pages.',
  FIREBREAK_LOG_LEVEL: 'From what on lines are written to standard output: debug, info, warn, error, fatal.',
  OTEL_EXPORTER_OTLP_ENDPOINT: [
    'password',
    'A collector of traces (OTLP over HTTP): the base address. Without it nothing is traced.',
  ],
  OTEL_EXPORTER_OTLP_HEADERS: ['whole', 'Headers for the collector: `name=value,name=value`, percent-encoded.'],
  OTEL_SERVICE_NAME: 'By what name traces know this process.',
  FIREBREAK_RATE:
    'Requests a second in the long run: of one person, half of it for one key; and of all who are not signed in at one address. 0 is no limit; alerts have none.',
})
