/**
 * What an expression may name, and of which kind it is. `anything` is not looked into: something whose own definition
 * is wrong already, so that one mistake is told once.
 */
export type Shape = Scalar | 'anything' | 'labels' | Fields | readonly [Fields]
export type Scalar = 'int' | 'string' | 'bool'
export interface Fields {
  readonly [field: string]: Shape
}

export const isRecord = (shape: Shape | undefined): shape is Fields =>
  typeof shape === 'object' && !Array.isArray(shape)
export const isList = (shape: Shape | undefined): shape is readonly [Fields] => Array.isArray(shape)

/** The shape at a path of names, or undefined where there is none. */
export function shapeAt(shape: Shape | undefined, path: readonly string[]): Shape | undefined {
  return path.reduce<Shape | undefined>((at, name) => {
    if (at === 'labels') return 'string'
    if (at === 'anything') return 'anything'
    return isRecord(at) && Object.hasOwn(at, name) ? at[name] : undefined
  }, shape)
}

/**
 * How much of anything an expression is given at most. More is refused when it is worked out: its cost was reckoned with
 * these.
 */
export const most = {
  /** Characters of one text. */
  text: 4_096,
  /** Elements of one list. */
  list: 100,
  /** As many as an alert may have. */
  labels: 128,
}
