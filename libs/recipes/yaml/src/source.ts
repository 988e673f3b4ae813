import { CelFault, type Expression, type Scalar, type Scope } from './cel/index.js'
import { inOrder, SheetError, valueAt, type Path, type Sheet, type SheetFault } from './sheet/index.js'

/** One value of the file: written out, or worked out. */
export type Given = { is: 'written'; value: string | number | boolean } | { is: 'worked-out'; by: Expression }

export const valueOf = (given: Given, values: Record<string, unknown>): string | number | boolean =>
  given.is === 'written' ? given.value : given.by.evaluate(values)

/** The text of a recipe while it is checked. It collects what is wrong: all of it is told at once. */
export class Source {
  private readonly faults: SheetFault[] = []

  constructor(
    readonly sheet: Sheet,
    private readonly filename: string,
  ) {}

  /** What stands at a path, whatever it is: the schema has told what is wrong with its kind. */
  at(path: Path): unknown {
    return valueAt(this.sheet.value, path)
  }

  list(path: Path): unknown[] {
    const value = this.at(path)
    return Array.isArray(value) ? value : []
  }

  keys(path: Path): string[] {
    const value = this.at(path)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : []
  }

  add(...faults: SheetFault[]): void {
    this.faults.push(...faults)
  }

  fault(path: Path, found: string, expected: string, cure = '', of: 'value' | 'key' = 'value'): void {
    this.add(this.sheet.fault(path, found, expected, of, cure))
  }

  throwFaults(): void {
    if (this.faults.length > 0) throw new SheetError(inOrder(this.faults))
  }

  /** The CEL condition at a path; undefined where none can be had, and then that has been said. */
  condition(path: Path, scope: Scope): Expression | undefined {
    const text = this.at(path)
    if (typeof text !== 'string') return undefined
    if (text.includes('${')) {
      this.fault(path, '${…}', 'the expression alone', 'a condition is CEL from end to end: take ${ and } away')
      return undefined
    }
    return this.compile(path, text, scope, ['bool'])
  }

  /**
   * A value that may be worked out: `${…}` from end to end is one CEL expression, anything else is what it says. There
   * are no templates: text of others that is pasted into a text can change what it means.
   */
  given(path: Path, scope: Scope, wanted: readonly Scalar[]): Given | undefined {
    const value = this.at(path)
    if (typeof value === 'boolean' || (typeof value === 'number' && Number.isSafeInteger(value)))
      return { is: 'written', value }
    if (typeof value !== 'string') return undefined
    if (!value.includes('${')) return { is: 'written', value }
    if (!value.startsWith('${') || !value.endsWith('}')) {
      const cure = 'write all of it as one expression: ${"a" + facts.b}'
      this.fault(path, 'text with an expression inside', 'text, or one expression from end to end', cure)
      return undefined
    }
    const by = this.compile(path, value.slice(2, -1), scope, wanted)
    return by && { is: 'worked-out', by }
  }

  private compile(path: Path, text: string, scope: Scope, wanted: readonly Scalar[]): Expression | undefined {
    try {
      return scope.compile(text, `${this.filename} ${path.join('.')}`, wanted)
    } catch (error) {
      if (!(error instanceof CelFault)) throw error
      this.add(this.sheet.faultInside(path, text, error.offset, error.found, error.expected, error.cure))
      return undefined
    }
  }
}
