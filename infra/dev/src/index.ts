export { Dice } from './crash/dice.js'
export {
  startPostgres,
  temporaryPostgres,
  type PostgresOptions,
  type RunningPostgres,
  type TemporaryPostgres,
} from './postgres.js'
export { sandboxTargets } from './sandbox-targets.js'
export { startRedis, temporaryRedis, type RedisOptions, type RunningRedis, type TemporaryRedis } from './redis.js'
export { temporarySentinels, type WatchedRedis } from './sentinels.js'
