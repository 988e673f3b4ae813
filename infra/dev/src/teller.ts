import { styleText } from 'node:util'

/** One fact of the story, as `story.json` keeps it. */
export interface Fact {
  at: string
  what: string
  id: string
  says: string
}

/** Prints the story: one line a fact, with its time, what it is, its sentence, and the id to look it up by. */
export class Teller {
  readonly facts: Fact[] = []

  constructor(private readonly print: (line: string) => void) {}

  title(text: string): void {
    this.print('')
    this.print(styleText('bold', text))
    this.print('')
  }

  fact(what: string, id: string, at: string, says: string, { quietly = false } = {}): void {
    this.facts.push({ at, what, id, says })
    if (quietly) return
    const time = styleText('dim', at.slice(11, 23))
    this.print(`${time}  ${styleText(colours[what] ?? 'cyan', what.padEnd(10))}  ${says}  ${styleText('dim', id)}`)
  }

  failed(why: string): void {
    this.facts.push({ at: new Date().toISOString(), what: 'failed', id: '', says: why })
    this.print(`${styleText('red', '✗')} ${why}`)
  }

  addresses(lines: [string, string][]): void {
    this.print('')
    for (const [name, value] of lines) this.print(`${styleText('dim', name.padEnd(10))}  ${value}`)
    this.print('')
  }
}

const colours: Record<string, Parameters<typeof styleText>[0]> = {
  break: 'red',
  alert: 'red',
  incident: 'yellow',
  plan: 'blue',
  approval: 'magenta',
  checked: 'green',
  forged: 'green',
}
