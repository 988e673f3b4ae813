export * from './log.js'
export * from './random.js'
