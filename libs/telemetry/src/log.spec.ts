import { describe, expect, test } from 'vitest'
import { within } from './context.js'
import { openLog, type Level } from './log.js'
import { NestLog } from './nest-log.js'
import { readable } from './readable.js'
import { readTraceparent } from './traceparent.js'

function opened(level: Level = 'debug') {
  const lines: string[] = []
  const log = openLog({ name: 'api', level, write: (line) => lines.push(line) })
  return { log, lines, last: () => JSON.parse(lines.at(-1)!) as Record<string, unknown> }
}

test('a line is one of JSON: level, time, name, what is said, and what is known of what is going on', () => {
  const { log, lines, last } = opened()
  const span = readTraceparent('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')!
  within({ request_id: 'req-00000001', actor: 'hannah' }, () =>
    within({ plan: 'pln_1', span }, () => log.warn('a word', { ms: 3 })),
  )
  expect(last()).toMatchObject({
    ...{ level: 'warn', name: 'api', msg: 'a word', pid: process.pid, ms: 3 },
    ...{ request_id: 'req-00000001', actor: 'hannah', plan: 'pln_1', trace_id: '4bf92f3577b34da6a3ce929d0e0e4736' },
  })
  expect(Date.parse(last()['time'] as string)).not.toBeNaN()
  log.info('another')
  expect(last()).not.toHaveProperty('request_id')
  expect(lines).toHaveLength(2)
})

test('below its level nothing is written', () => {
  const { log, lines } = opened('warn')
  log.info('no')
  log.error('yes')
  expect(lines).toHaveLength(1)
})

test('nothing that is told can be another line, or another field of ours', () => {
  const { log, lines, last } = opened()
  const forged = 'x\r\n{"level":"info","msg":"all is well"}\u2028\u0085\u009b31m'
  log.error(forged, { level: 'info', time: 'never', msg: 'all is well', name: 'notary', note: forged })
  within({ request_id: forged }, () => log.warn('y', new Error(forged)))
  for (const line of lines) expect(line.split(/[\r\n\u2028\u0085\u009b]/)).toHaveLength(1)
  expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'error', name: 'api' })
  expect(lines[0]!.match(/"(level|msg|time|name)":/g)).toHaveLength(4)
  expect(last()).toMatchObject({ level: 'warn', msg: 'y' })
})

describe('for people', () => {
  const plain = (text: string) => readable(text).replace(/\u001b\[\d+m/g, '')

  test('it is time, who, what, and the rest behind it', () => {
    const { log, lines } = opened()
    within({ request_id: 'req-00000001' }, () => log.info('listens', { port: 4600 }))
    expect(plain(lines[0]!)).toMatch(/^\d\d:\d\d:\d\d\.\d{3} api listens {2}request_id=req-00000001 port=4600$/)
  })

  test('an error has its stack, set in, and its first word is seen', () => {
    const { log, lines } = opened()
    log.error('it broke', new Error('Postgres is away'))
    expect(plain(lines[0]!)).toMatch(/api error it broke\n {4}Error: Postgres is away\n {8}at /)
  })

  test('nobody begins a line or moves the cursor who is not us', () => {
    const { log, lines } = opened()
    log.warn('\u001b[2J\n12:00:00.000 api all is well', {
      note: '\u001b]0;title\u0007',
      err: new Error('a\n12:00 api b'),
    })
    const shown = readable(lines[0]!)
    expect(
      plain(shown)
        .split('\n')
        .filter((line) => /^\d/.test(line)),
    ).toHaveLength(1)
    expect(plain(shown)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  })

  test('what is no line of ours stays as it is', () => {
    for (const text of ['', 'sequencer: DATABASE_URL is not set', '{"a":1}', '{broken', '{"level":30,"msg":"x"}'])
      expect(readable(text)).toBe(text)
  })
})

test('what Nest says is said in our lines', () => {
  const { log, last } = opened()
  const nest = new NestLog(log)
  nest.log('Starting Nest application...', 'NestFactory')
  expect(last()).toMatchObject({ level: 'debug', msg: 'Starting Nest application...', part: 'NestFactory' })
  nest.error('it broke: password=hunter2', 'Error: it broke\n    at somewhere', 'ExceptionsHandler')
  expect(last()).toMatchObject({ level: 'error', msg: 'it broke: password=***', part: 'ExceptionsHandler', err: { stack: expect.stringContaining('at somewhere') as string } }) // prettier-ignore
  nest.error(new Error('thrown'))
  expect(last()).toMatchObject({ level: 'error', msg: 'thrown', err: { type: 'Error' } })
  nest.warn({ odd: true })
  expect(last()).toMatchObject({ level: 'warn', msg: '{"odd":true}' })
})
