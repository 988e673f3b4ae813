import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../src/root.js'

/** `npm run rehearse` as a person types it. The rehearsals themselves are played by `.ci/run`. */
async function rehearse(...args: string[]): Promise<{ code: number | null; said: string }> {
  const program = [join(ROOT, 'infra/dev/dist/rehearse.js'), ...args]
  const child = spawn(process.execPath, program, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk) => (said += chunk))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, said }
}

test('--list names rehearsals, and every fault with the alert and the page that it becomes', async () => {
  const { code, said } = await rehearse('--list')
  expect(code, said).toBe(0)
  expect(said).toMatch(/^scale-api +slow +high-api-latency +succeeded/m)
  expect(said).toMatch(/^exfiltration +DataExfiltrationSuspected +data-exfiltration +the pipeline/m)
  expect(said).toMatch(/^forbid +– +– +the Kubernetes API/m)
})

test('--fault breaks it, and shows the alert and the incident', { timeout: 120_000 }, async () => {
  const { code, said } = await rehearse('--fault', 'exfiltration')
  expect(code, said).toBe(0)
  expect(said).toMatch(/DataExfiltrationSuspected fired/)
  expect(said).toMatch(/^DataExfiltrationSuspected of ingest became inc_\S+: data-exfiltration, SEV1$/m)
})

test('a fault that there is not is told with those that there are', async () => {
  const { code, said } = await rehearse('--fault', 'earthquake')
  expect(code).toBe(2)
  expect(said).toMatch(/no fault earthquake. There are: slow, /)
})
