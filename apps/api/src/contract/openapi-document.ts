/** As much of an OpenAPI 3.0 document as decides whether a client still works. */
export interface Document {
  paths: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, Schema> }
}

export interface Operation {
  parameters?: readonly Parameter[]
  requestBody?: { required?: boolean; content: Record<string, { schema?: Schema }> }
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>
}

export interface Parameter {
  in: string
  name: string
  required?: boolean
  schema?: Schema
}

export interface Schema {
  $ref?: string
  type?: string
  nullable?: boolean
  enum?: readonly unknown[]
  default?: unknown
  pattern?: string
  format?: string
  properties?: Record<string, Schema>
  required?: readonly string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  anyOf?: readonly Schema[]
  oneOf?: readonly Schema[]
  allOf?: readonly Schema[]
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
}

/** The methods of a path item; beside them stand `parameters`, `summary` and the like. */
export const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const
