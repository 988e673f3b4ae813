import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Shape } from '@firebreak/client'
import { answerOf, refusal } from '../asking/answers.js'
import { command } from '../command.js'
import { completion } from '../completion.js'
import { EXIT, usage } from '../exits.js'
import { allCommands } from './index.js'

/** Programs that read the same settings as the process of that name, and print what they understood. */
const PROCESSES = {
  api: 'apps/api/dist/print-config.js',
  worker: 'apps/worker/dist/print-config.js',
  sequencer: 'libs/audit/bin/dist/print-config.js',
  notary: 'libs/audit/bin/dist/print-config.js',
} as const

export const house = [
  command({
    path: ['health'],
    about: 'how the API and what it depends on are: exit 1 if it is not ready',
    args: [],
    options: {},
    alone: true,
    run: async (session) => {
      const { fetch, out, settings } = session
      session.warnInTheClear()
      // Not ready is a 503 whose body says why: no reason to ask again, and none to give up.
      const answer = await fetch(`${settings.url}/v1/health`, { headers: { accept: 'application/json' } })
      const body = (await answer.json().catch(() => undefined)) as Shape<'Health'> | undefined
      if (!body || !('ready' in body)) throw refusal(answer.status, body)
      out.thing(body, () => {
        out.line(
          body.ready ? { text: 'ready', colour: 'green' } : { text: 'not ready', colour: 'red' },
          `(${body.mode}, ${settings.url})`,
        )
        out.rows(
          ['WHAT', 'STATE', 'SEEN', 'SAYS'],
          body.dependencies.map(({ age_ms, name, ok, says }) => [
            name,
            ok ? { text: 'ok', colour: 'green' } : { text: 'not ok', colour: 'red' },
            age_ms === null ? 'never' : `${(age_ms / 1000).toFixed(1)} s ago`,
            says,
          ]),
          'it depends on nothing',
        )
      })
      return body.ready ? EXIT.ok : EXIT.bad
    },
  }),
  command({
    path: ['whoami'],
    about: 'who the API takes you for',
    args: [],
    options: {},
    run: async ({ api, out, settings }) => {
      const me = await answerOf(api.GET('/v1/me'))
      out.thing(me, () =>
        out.fields([
          ['you are', `${me.name} (${me.id}, ${me.kind})`],
          ['roles', me.roles.join(', ') || 'none'],
          ['at', `${settings.url} (${me.mode})`],
          ['token', `from ${settings.tokenFrom}`],
        ]),
      )
      return EXIT.ok
    },
  }),
  command({
    path: ['config'],
    about:
      'the settings that count, without secrets: this program’s, or those of a process as this environment sets them',
    args: [
      {
        name: 'process',
        optional: true,
        words: Object.keys(PROCESSES),
        about: 'in a checkout: api, worker, sequencer or notary',
      },
    ],
    options: {},
    alone: true,
    run: async (session, { args }) => {
      const { out, outside } = session
      if (args.process !== undefined)
        return printConfig(args.process as keyof typeof PROCESSES, outside.checkout, outside.env)
      const { settings } = session
      const shown = {
        ...{ url: settings.url, url_from: settings.urlFrom },
        ...{ token: settings.token === undefined ? null : '***', token_from: settings.tokenFrom },
        timeout_s: settings.timeoutMs / 1000,
      }
      out.thing(shown, () => {
        out.fields([
          ['url', `${shown.url} (${shown.url_from})`],
          [
            'token',
            shown.token === null ? 'none: set FIREBREAK_TOKEN, or give --token-file' : `*** (${shown.token_from})`,
          ],
          ['timeout', `${shown.timeout_s} s`],
        ])
        out.say(
          `firebreak config ${Object.keys(PROCESSES).join('|')} prints the settings of a process; CONFIGURATION.md has them all`,
        )
      })
      return EXIT.ok
    },
  }),
  command({
    path: ['completion'],
    about: 'a completion script for your shell',
    args: [{ name: 'shell', words: ['bash', 'zsh', 'fish'], about: 'bash, zsh or fish' }],
    options: {},
    alone: true,
    more: [
      'bash: source <(firebreak completion bash)',
      'zsh: source <(firebreak completion zsh)',
      'fish: firebreak completion fish | source',
    ],
    run: async ({ out }, { args }) => {
      out.raw(completion(args.shell as 'bash', allCommands()))
      return EXIT.ok
    },
  }),
]

/** The process's own program reads its settings: nobody else knows them. */
function printConfig(name: keyof typeof PROCESSES, checkout: string, env: NodeJS.ProcessEnv): Promise<number> {
  const program = join(checkout, PROCESSES[name])
  if (!existsSync(program)) throw usage(`${program} is not there: this works in a built checkout (npm run build)`)
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, name], { cwd: checkout, env, stdio: 'inherit' })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code === 0 ? EXIT.ok : EXIT.usage))
  })
}
