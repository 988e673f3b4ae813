export * from './log.js'
export * from './random.js'
export * from './watched.js'
