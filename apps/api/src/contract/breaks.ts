import { METHODS, type Document, type Operation } from './openapi-document.js'
import { SchemaBreaks } from './schema-breaks.js'

/**
 * What breaks a client that was written for `before` when it meets an API described by `after`: a plain sentence each,
 * with the route where it was found first; empty when everything that worked still works. Adding is never among them.
 */
export function breaks(before: Document, after: Document): readonly string[] {
  const schemas = new SchemaBreaks(before, after)
  const found = new Map<string, Set<string>>()
  for (const [path, methods] of Object.entries(before.paths))
    for (const method of METHODS) {
      const old = methods[method]
      if (!old) continue
      const now = after.paths[path]?.[method]
      for (const sentence of now ? operation(old, now, schemas) : ['the route is gone'])
        found.set(sentence, (found.get(sentence) ?? new Set()).add(`${method.toUpperCase()} ${path}`))
    }
  // A shape stands in many routes: one sentence, and where to meet it.
  return [...found].map(([sentence, routes]) => {
    const [first, ...more] = routes
    const others = more.length > 2 ? ` and ${more.length} more` : more.map((route) => `, ${route}`).join('')
    return `${first}${others}: ${sentence}`
  })
}

function operation(before: Operation, after: Operation, schemas: SchemaBreaks): string[] {
  return [...parameters(before, after, schemas), ...body(before, after, schemas), ...answers(before, after, schemas)]
}

function parameters(before: Operation, after: Operation, schemas: SchemaBreaks): string[] {
  const found: string[] = []
  const old = before.parameters ?? []
  const now = after.parameters ?? []
  for (const one of old) {
    const where = `the ${one.in} parameter ${one.name}`
    const same = now.find((other) => other.in === one.in && other.name === one.name)
    if (same) found.push(...schemas.between(one.schema, same.schema, where, 'in'))
    // An unknown query parameter is refused, so one that is no longer known is too.
    else found.push(`${where} is gone`)
  }
  for (const one of now) {
    const known = old.find((other) => other.in === one.in && other.name === one.name)
    if (one.required && !known?.required) found.push(`the ${one.in} parameter ${one.name} is required now`)
  }
  return found
}

function body(before: Operation, after: Operation, schemas: SchemaBreaks): string[] {
  const [old, now] = [before.requestBody, after.requestBody]
  if (!old) return now?.required ? ['a body is required now'] : []
  const found = now?.required && !old.required ? ['the body is required now'] : []
  for (const [type, { schema }] of Object.entries(old.content)) {
    const same = now?.content[type]
    if (same) found.push(...schemas.between(schema, same.schema, 'the body', 'in'))
    else found.push(`a body of ${type} is no longer taken`)
  }
  return found
}

function answers(before: Operation, after: Operation, schemas: SchemaBreaks): string[] {
  const found: string[] = []
  for (const [status, { content = {} }] of Object.entries(before.responses)) {
    const now = after.responses[status]
    if (!now) found.push(`it no longer answers ${status}`)
    for (const [type, { schema }] of Object.entries(now ? content : {})) {
      const same = now?.content?.[type]
      if (same) found.push(...schemas.between(schema, same.schema, `the answer ${status}`, 'out'))
      else found.push(`the answer ${status} is no longer ${type}`)
    }
  }
  return found
}
