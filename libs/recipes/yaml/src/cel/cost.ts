import type { ASTNode } from '@marcbachmann/cel-js'
import { isList, isRecord, most, shapeAt, type Fields, type Shape } from './shape.js'

/*
 * What an expression costs at worst, before it is ever worked out: CEL always ends, but `a.map(x, a.map(y, …))` ends
 * late. One step is one node of the expression, or one piece of a value that an operator has to go through; texts
 * count by 64 characters. Kubernetes bounds its CEL in the same way.
 */

/** A second on a slow machine is some millions of steps: this is a few milliseconds. */
export const MOST_STEPS = 100_000

interface Cost {
  steps: number
  /** Pieces in the value. */
  size: number
  /** Elements, where it is a list or labels. */
  length: number
  /** What it is, where that is known. */
  shape?: Shape | undefined
}

type Known = ReadonlyMap<string, Cost>

const PIECE = 64
const one: Cost = { steps: 1, size: 1, length: 1 }
const sum = (numbers: readonly number[]) => numbers.reduce((all, more) => all + more, 0)

export function stepsOf(ast: ASTNode, variables: Fields): number {
  return costOf(ast, variables, new Map()).steps
}

function costOf(node: ASTNode, variables: Fields, known: Known): Cost {
  const cost = (one: ASTNode, more: Known = known) => costOf(one, variables, more)
  switch (node.op) {
    case 'value': {
      const pieces = typeof node.args === 'string' ? Math.ceil(node.args.length / PIECE) : 1
      return { steps: 1, size: pieces, length: pieces }
    }
    case 'id':
      return { ...(known.get(node.args) ?? sizeOf(variables[node.args])), steps: 1 }
    case '.': {
      const path = pathOf(node)
      const shape = path && shapeAt(known.get(path[0]!)?.shape ?? variables[path[0]!], path.slice(1))
      return { ...sizeOf(shape ?? 'string'), steps: cost(node.args[0]).steps + 1 }
    }
    case '[]': {
      const [of, key] = node.args.map((arg) => cost(arg)) as [Cost, Cost]
      return { steps: of.steps + key.steps + 1, size: of.size, length: of.length }
    }
    case '?:': {
      const [asked, yes, no] = node.args.map((arg) => cost(arg)) as [Cost, Cost, Cost]
      return {
        steps: asked.steps + yes.steps + no.steps + 1,
        size: Math.max(yes.size, no.size),
        length: Math.max(yes.length, no.length),
      }
    }
    case 'rcall': {
      const [name, of, args] = node.args
      return comprehensions.has(name)
        ? each(name, cost(of), args, cost, known)
        : through([of, ...args].map((a) => cost(a)))
    }
    case 'call':
      return through(node.args[1].map((arg) => cost(arg)))
    case 'list': {
      const parts = node.args.map((part) => cost(part))
      return { ...through(parts), size: sum(parts.map(({ size }) => size)) + 1, length: parts.length }
    }
    case '!_':
    case '-_':
      return through([cost(node.args)])
    case '+': {
      const parts = node.args.map((part) => cost(part))
      const all = through(parts)
      return { ...all, size: sum(parts.map(({ size }) => size)), length: sum(parts.map(({ length }) => length)) }
    }
    default: {
      const args: unknown = node.args
      return through((Array.isArray(args) ? (args as ASTNode[]) : []).map((arg) => cost(arg)))
    }
  }
}

/** Goes through all of its arguments once; answers something small. */
function through(args: readonly Cost[]): Cost {
  return { ...one, steps: 1 + sum(args.map(({ steps, size }) => steps + size)) }
}

export const comprehensions: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

function each(
  name: string,
  of: Cost,
  [variable, ...bodies]: readonly ASTNode[],
  cost: (node: ASTNode, known: Known) => Cost,
  known: Known,
): Cost {
  const inside = isList(of.shape) ? of.shape[0] : of.shape === 'labels' ? 'string' : undefined
  const element: Cost = inside ? sizeOf(inside) : { steps: 1, size: of.size, length: of.size }
  const names = new Map([...known, [variable?.op === 'id' ? variable.args : '', element]])
  const body = bodies.map((one) => cost(one, names))
  const steps = of.steps + of.length * (1 + sum(body.map(({ steps }) => steps)))
  if (name === 'map') return { steps, size: of.length * (body.at(-1)?.size ?? 1), length: of.length }
  return name === 'filter' ? { ...of, steps } : { ...one, steps }
}

function sizeOf(shape: Shape | undefined): Cost {
  const text = most.text / PIECE
  if (shape === 'int' || shape === 'bool') return { ...one, shape }
  if (shape === 'labels') return { steps: 1, size: most.labels * text, length: most.labels, shape }
  if (isList(shape)) return { steps: 1, size: most.list * sizeOf(shape[0]).size, length: most.list, shape }
  if (isRecord(shape)) return { ...one, size: sum(Object.values(shape).map((field) => sizeOf(field).size)) + 1, shape }
  return { steps: 1, size: text, length: text, shape }
}

/** `facts.api.replicas` as its names; undefined for anything else. */
export function pathOf(node: ASTNode): string[] | undefined {
  if (node.op === 'id') return [node.args]
  if (node.op !== '.') return undefined
  const before = pathOf(node.args[0])
  return before && [...before, node.args[1]]
}
