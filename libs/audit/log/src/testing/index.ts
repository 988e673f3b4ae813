export * from './log.js'
export * from './long.js'
export * from './random.js'
export * from './watched.js'
