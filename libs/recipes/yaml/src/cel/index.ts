export { CelFault, MOST_CHARACTERS, Scope, type Expression, type Values } from './expression.js'
export { MOST_STEPS } from './cost.js'
export { isList, isRecord, most, shapeAt, type Fields, type Scalar, type Shape } from './shape.js'
