export * from './credentials.js'
export * from './ports.js'
export * from './recipe.js'
export * from './verb.js'
