import type { Session } from './session.js'

/** A word after the command: `<plan>`. */
export interface Argument {
  name: string
  about: string
  optional?: true
  /** All there is, for completion; anything else is refused. */
  words?: readonly string[]
}

/** `--reason <text>`; without `takes` it is a switch. */
export interface Option {
  takes?: string
  many?: true
  required?: true
  words?: readonly string[]
  about: string
}
export type Options = Readonly<Record<string, Option>>

/** What the command line said, by name. */
export type Given<A extends string, O extends Options> = {
  args: Readonly<Record<A, string>>
  options: {
    readonly [Name in keyof O]: O[Name] extends { takes: string }
      ? O[Name] extends { many: true }
        ? readonly string[]
        : O[Name] extends { required: true }
          ? string
          : string | undefined
      : boolean
  }
}

/** One thing that can be asked for. Parser, help, completion and the table in the README are all made from this. */
export interface Command {
  /** `['plans', 'list']` */
  path: readonly string[]
  about: string
  args: readonly Argument[]
  options: Options
  /** More for `--help`, a paragraph a line. */
  more?: readonly string[]
  /** Works without a token. What it needs to know of address and token it reads itself, if anything. */
  alone?: true
  run: (session: Session, given: { args: Readonly<Record<string, string>>; options: object }) => Promise<number>
}

/** Describes a command; `run` gets what was given under the names used here, and answers the exit code. */
export function command<const A extends readonly Argument[], const O extends Options>(
  description: Omit<Command, 'args' | 'options' | 'run'> & {
    args: A
    options: O
    run: (session: Session, given: Given<A[number]['name'], O>) => Promise<number>
  },
): Command {
  return description as unknown as Command
}

/** What every command takes. */
export const GLOBAL = {
  json: { about: 'one JSON document, or one a line where there are many' },
  url: { takes: 'address', about: 'where the API is; else FIREBREAK_URL, else http://127.0.0.1:4600' },
  'token-file': { takes: 'file', about: 'where your API key lies (mode 0600); else FIREBREAK_TOKEN' },
  as: { takes: 'person', about: 'one of the sandbox’s seeded people, with the key that npm start made' },
  timeout: { takes: 'seconds', about: 'how long to wait for what takes long: 600' },
  help: { about: 'what this takes' },
} as const satisfies Options

/** Options of everything that goes through pages. */
export const PAGES = {
  limit: { takes: 'number', about: 'how many, newest first: 20' },
  all: { about: 'all there are' },
} as const satisfies Options
