import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { DataFolder } from './data-folder.js'
import { startFirebreak } from './firebreak.js'
import { parseSettings } from './settings.js'
import { howToAsk, tellStory } from './story.js'
import { Supervisor } from './supervisor.js'

const print = (line: string) => void process.stdout.write(`${line}\n`)

/** `npm start`: everything up, the story, and then stay, or with --once go. Resolves to the exit code. */
async function main(): Promise<number> {
  const settings = parseSettings(process.argv.slice(2), process.env)
  const folder = await DataFolder.open(settings.data)
  const supervisor = new Supervisor({
    say: (line) => print(`! ${line}`),
    changed: (running) => folder.note(running),
    held: (name) => existsSync(folder.file('hold', name)),
  })
  const asked = askedToStop(supervisor)
  const work = async () => {
    const firebreak = await startFirebreak(settings, folder, supervisor, print)
    if (!settings.story) {
      print(`Firebreak serves at ${firebreak.apiUrl}, the sandbox at ${firebreak.sandboxUrl}`)
      print(`On the command line: ${howToAsk({ apiUrl: firebreak.apiUrl, dataDir: folder.path })}`)
      return
    }
    const { ok } = await tellStory({ ...firebreak, dataDir: folder.path, print })
    if (settings.once) return ok ? 0 : 1
    if (!ok) print('A part of the story failed; the logs are in ' + folder.file('logs'))
    return
  }
  try {
    // Whoever is asked to stop before the work is done has not done it; after that, being stopped is the normal end.
    const code = await Promise.race([work(), asked])
    if (code !== undefined) return code
    print('Ctrl-C stops it')
    await asked
    return 0
  } finally {
    await supervisor.stop()
    folder.release()
  }
}

/** Resolves with 128 + the signal's number at the first signal; the second one ends everything at once. */
function askedToStop(supervisor: Supervisor): Promise<number> {
  return new Promise((resolve) => {
    let asked = false
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        const code = 128 + constants.signals[name]
        if (asked) {
          supervisor.kill()
          process.exit(code)
        }
        asked = true
        if (name !== 'SIGHUP') print('stopping; once more kills')
        resolve(code)
      })
    }
  })
}

main().then(
  // Exits by itself when nothing is left to do would be nicer, but a half-finished fetch of the story must not hold it.
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  },
)
