import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Shape } from '@firebreak/client'
import { answerOf } from '../asking/answers.js'
import { download } from '../asking/download.js'
import { items } from '../asking/pages.js'
import { command, PAGES } from '../command.js'
import { Ended, EXIT, usage } from '../exits.js'
import type { Session } from '../session.js'
import { at, count, state } from '../views.js'
import { given, list } from './list.js'

type Export = Shape<'Export'>
type Filter = Shape<'ExportFilter'>
const ENDINGS: Record<Export['kind'], string> = {
  'evidence-bundle': 'tar',
  ndjson: 'ndjson',
  tiles: 'tar',
  ocsf: 'ndjson',
  csv: 'csv',
  report: 'html',
}
const OUT = { takes: 'file', about: 'where to write it; else <export>.<kind’s ending> here' } as const
const FORCE = { about: 'over a file that is there' } as const

export const auditExports = [
  command({
    path: ['audit', 'export'],
    about: 'exports the log or a part of it, waits for the file and fetches it',
    args: [],
    options: {
      kind: { takes: 'kind', words: Object.keys(ENDINGS), about: 'evidence-bundle, unless you say' },
      incident: { takes: 'incident', about: 'only the story of this one' },
      plan: { takes: 'plan', about: 'only the story of this one' },
      run: { takes: 'run', about: 'only the story of this one' },
      actor: { takes: 'person', about: 'only what this one did' },
      from: { takes: 'time', about: 'not before: 2026-11-01T00:00:00Z' },
      to: { takes: 'time', about: 'before' },
      control: { takes: 'pack', many: true, words: ['nist-800-53', 'soc2'], about: 'with a control pack' },
      disclose: { about: 'with personal values; for security and auditor' },
      reason: { takes: 'text', about: 'why' },
      out: OUT,
      force: FORCE,
      'no-download': { about: 'only until it is made' },
    },
    run: async (session, { options }) => {
      if (!options['no-download']) free(session, options.out, options.force)
      const filter: Filter = {
        ...given({ incident: options.incident, plan: options.plan, run: options.run, actor: options.actor }),
        ...(options.from !== undefined || options.to !== undefined
          ? { time: given({ from: options.from, to: options.to }) }
          : {}),
      }
      const asked = await answerOf(
        session.api.POST('/v1/audit/exports', {
          body: {
            kind: (options.kind ?? 'evidence-bundle') as Export['kind'],
            filter,
            controls: [...options.control] as ('soc2' | 'nist-800-53')[],
            disclose: options.disclose,
            reason: options.reason ?? '',
          },
        }),
      )
      return fetched(session, asked.id, options.out, options.force, options['no-download'])
    },
  }),
  command({
    path: ['audit', 'download'],
    about: 'fetches an export that was asked for before; goes on where it broke off',
    args: [{ name: 'export', about: 'its id, exp_…' }],
    options: { out: OUT, force: FORCE },
    run: (session, { args, options }) => {
      free(session, options.out, options.force)
      return fetched(session, args.export, options.out, options.force, false)
    },
  }),
  command({
    path: ['audit', 'exports'],
    about: 'exports, newest first',
    args: [],
    options: PAGES,
    run: ({ api, out }, { options }) =>
      list(
        out,
        items(options, (page) => answerOf(api.GET('/v1/audit/exports', { params: { query: page } }))),
        ['ID', 'STATE', 'KIND', 'CLASS', 'ENTRIES', 'ASKED', 'BY', 'BECAUSE'],
        (it) => [
          it.id,
          state(it.state),
          it.kind,
          it.completeness,
          it.entries,
          at(it.asked_at),
          it.asked_by.name,
          it.because ?? '',
        ],
        'no exports',
      ),
  }),
]

/** Refuses before anything is asked for: a file that is there is nobody's to overwrite unasked. */
function free({ outside }: Session, out: string | undefined, force: boolean): void {
  if (out !== undefined && !force && existsSync(resolve(outside.cwd, out)))
    throw usage(`${out} is there already: give another name, or --force`)
}

/** Waits until it is made, and fetches it. */
async function fetched(
  session: Session,
  id: string,
  name: string | undefined,
  force: boolean,
  stay: boolean,
): Promise<number> {
  const { api, out, outside, settings } = session
  const made = await session.until(`the export ${id}`, async (told) => {
    const it = await answerOf(api.GET('/v1/audit/exports/{id}', { params: { path: { id } } }))
    const { done, total } = it.progress
    told(
      it.state === 'running' && total > 0
        ? `${id} is running, ${Math.floor((100 * done) / total)} %`
        : `${id} is ${it.state}`,
    )
    return it.state === 'ready' || it.state === 'failed' ? it : undefined
  })
  if (made.state === 'failed') throw new Ended(EXIT.bad, `${id} failed: ${made.because}`, 'failed')
  if (stay) {
    out.thing(made, () => out.line(`${id} is ready: firebreak audit download ${id}`))
    return EXIT.ok
  }
  const file = name ?? `${id}.${ENDINGS[made.kind] ?? 'bin'}`
  free(session, file, force)
  const path = resolve(outside.cwd, file)
  const wanted = {
    path,
    size: made.size,
    sha256: made.sha256 ?? '',
    url: `${settings.url}/v1/audit/exports/${encodeURIComponent(id)}/download`,
  }
  await download(wanted, { fetch: session.fetch, say: (line) => out.say(line), sleep: outside.sleep })
  out.thing({ ...made, file: path }, () =>
    out.line(`${file}: ${count(made.entries, 'entry', 'entries')}, ${made.size} bytes, sha256 ${made.sha256}`),
  )
  return EXIT.ok
}
