/** A text as the commands in it: a line each, with the lines that a `\` at its end continues it on. */
export function commandsIn(text: string): string[] {
  const commands: string[] = []
  let goesOn = false
  for (const line of text.replace(/\n$/, '').split('\n')) {
    if (goesOn) commands[commands.length - 1] += `\n${line}`
    else commands.push(line)
    goesOn = line.endsWith('\\')
  }
  return commands
}
