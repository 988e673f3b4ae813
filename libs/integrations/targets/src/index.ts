export { KubernetesHands } from './kubernetes/hands.js'
export { KubernetesReader } from './kubernetes/reader.js'
export { PrometheusMetrics } from './prometheus/metrics.js'
