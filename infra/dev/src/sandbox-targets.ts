import { join } from 'node:path'

/** The worker's settings that point it at a sandbox: its address, its folder, and the Redis of its queue. */
export const sandboxTargets = (sandboxUrl: string, folder: string, redisUrl?: string): Record<string, string> => ({
  KUBECONFIG_READER: join(folder, 'kubeconfig-reader.yaml'),
  KUBECONFIG_HANDS: join(folder, 'kubeconfig-hands.yaml'),
  PROMETHEUS_URL: `${sandboxUrl}/prometheus`,
  S3_ENDPOINT: `${sandboxUrl}/s3`,
  S3_CREDENTIALS_READER: join(folder, 's3-reader.json'),
  S3_CREDENTIALS_HANDS: join(folder, 's3-hands.json'),
  MLFLOW_URL: `${sandboxUrl}/mlflow`,
  OCR_ENGINES: ['primary', 'fallback'].map((name) => `${name}=${sandboxUrl}/service/ocr/${name}`).join(),
  HTTP_ENDPOINTS: ['api', 'model', 'ocr'].map((name) => `${name}=${sandboxUrl}/service/${name}`).join(),
  // The sandbox's Redis has one user; a real one has two.
  ...(redisUrl === undefined ? {} : { QUEUES_REDIS_URL_READER: redisUrl, QUEUES_REDIS_URL_HANDS: redisUrl }),
})
