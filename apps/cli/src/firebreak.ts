import { allCommands } from './commands/index.js'
import { Ended, EXIT } from './exits.js'
import { helpOf, overview } from './help.js'
import { parse, type Parsed } from './parse.js'
import { Session, type Outside } from './session.js'
import { readSettings } from './settings.js'
import { Output, type Stream } from './terminal/output.js'

/** Does what a command line asks for. Gives the exit code (`EXIT`); never throws for what a person or the API did. */
export async function firebreak(
  argv: readonly string[],
  outside: Outside,
  stdout: Stream,
  stderr: Stream,
): Promise<number> {
  const output = (json: boolean) => new Output(stdout, stderr, json, outside.env)
  // Before the line is understood: even what is wrong with it is told in the form that was asked for.
  let out = output(argv.includes('--json'))
  try {
    const commands = allCommands()
    const { command, given, global, path }: Parsed = parse(argv, commands)
    out = output(global.json)
    if (!command || global.help) {
      const asked = global.help || argv.length === 0
      const text = command ? helpOf(command) : overview(path, commands)
      if (asked) stdout.write(text)
      else stderr.write(text)
      return asked ? EXIT.ok : EXIT.usage
    }
    const session = new Session(out, () => readSettings(global, outside.env, outside.checkout), outside)
    if (!command.alone) session.insistOnToken()
    return await command.run(session, given)
  } catch (error) {
    if (!(error instanceof Ended)) throw error
    const { code, exit, message, problem } = error
    out.failed(exit === EXIT.refused ? `${code}: ${message}` : message, {
      error: { exit, code, message, problem: problem ?? null },
    })
    return exit
  }
}
