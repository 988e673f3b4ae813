import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeBundle } from '@firebreak/audit-export'
import { entriesBetween, newestCheckpoint } from '@firebreak/audit-store'
import type pg from 'pg'
import { ROOT } from '../root.js'
import type { Judged } from './verdict.js'

/** Exports the whole log, and lets the built `audit-check` judge it with the policy alone. */
export async function checkedBundle(client: pg.Client, policy: string, folder: string): Promise<Judged> {
  const what = 'the whole log as a bundle is valid to audit-check'
  const checkpoint = await newestCheckpoint(client)
  if (!checkpoint) return { what, ok: false, says: 'there is no checkpoint' }
  const [path, policyPath] = [join(folder, 'bundle.tar'), join(folder, 'policy.txt')]
  await writeFile(policyPath, policy)
  const file = await open(path, 'w', 0o600)
  try {
    const { size, cosigned } = checkpoint
    await writeBundle(
      {
        entries: () => entriesBetween(client, 0, size),
        checkpoint: cosigned,
        size,
        history: await olderCheckpoints(client, size),
      },
      (chunk) => file.appendFile(chunk),
    )
  } finally {
    await file.close()
  }
  const { code, said } = await run(join(ROOT, 'libs/audit/bin/dist/audit-check.js'), path, '--policy', policyPath)
  return { what, ok: code === 0, says: `exit ${code}: ${said.trim().split('\n').at(-1) ?? ''}`.slice(0, 300) }
}

/** Some that were published on the way, spread over the log: they come along, and the tree must have grown from each. */
async function olderCheckpoints(client: pg.Client, size: number): Promise<string[]> {
  const { rows } = await client.query<{ cosigned: string }>(
    `select cosigned from (
       select size, cosigned, row_number() over (order by size) as nth, count(*) over () as many
       from audit.checkpoint where size < $1
     ) as older where nth % (many / 60 + 1) = 0 order by size`,
    [size],
  )
  return rows.map(({ cosigned }) => cosigned)
}

async function run(program: string, ...args: string[]): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code: code ?? -1, said }
}
