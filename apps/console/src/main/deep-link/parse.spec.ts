import { describe, expect, test } from 'vitest'
import { linkIn, parseLink } from './parse.js'

describe('SEC-51: what a link may say', () => {
  test.each(['incident', 'plan', 'run', 'recipe', 'runbook'] as const)('%s', (kind) => {
    expect(parseLink(`firebreak://${kind}/aZ09_-`)).toEqual({ kind, id: 'aZ09_-' })
    expect(parseLink(`firebreak://${kind}/x/`)).toEqual({ kind, id: 'x' })
    expect(parseLink(`FIREBREAK://${kind.toUpperCase()}/x`)).toEqual({ kind, id: 'x' })
  })

  const hostile = [
    ...[
      '',
      'firebreak:',
      'firebreak:/',
      'firebreak://',
      'firebreak:///',
      'firebreak://incident',
      'firebreak://incident/',
      'firebreak://incident//',
    ],
    ...[
      'firebreak:incident/x',
      'firebreak:/incident/x',
      'firebreak:///incident/x',
      'firebreak://x/incident',
      'firebreak://approve/x',
      'firebreak://approval/x',
    ],
    ...[
      'firebreak://run/x/confirm',
      'firebreak://run/x?arm=1',
      'firebreak://run/x#confirm',
      'firebreak://plan/x?approve=yes',
      'firebreak://incident/x/run',
    ],
    ...[
      'firebreak://recipe/scale?replicas=50',
      'firebreak://recipe/scale;x',
      'firebreak://recipe/a%20b',
      'firebreak://recipe/%2e%2e',
      'firebreak://recipe/..',
    ],
    ...[
      'firebreak://incident/../plan/x',
      'firebreak://incident/a/../../b',
      'firebreak://incident/\\x',
      'firebreak://incident\\x',
      'firebreak://incident/a\nb',
    ],
    ...[
      'firebreak://user@incident/x',
      'firebreak://incident:80/x',
      'firebreak://incident.evil/x',
      'firebreak://evil.example/incident/x',
    ],
    ...[
      'https://incident/x',
      'http://firebreak/incident/x',
      'app://console/incidents/x',
      'javascript:firebreak://incident/x',
      ' firebreak://incident/x',
    ],
    ...[
      'xfirebreak://incident/x',
      'firebreaks://incident/x',
      'firebreak-://incident/x',
      'firebreak://incident/x ',
      'firebreak://incident/x\u0000',
    ],
    ...[
      'firebreak://incident/é',
      'firebreak://incident/\u202Ex',
      'firebreak://incident/<script>',
      'firebreak://incident/"onload=',
      "firebreak://incident/x'",
    ],
    ...[
      'firebreak://incident/$(reboot)',
      'firebreak://incident/`x`',
      'firebreak://incident/a|b',
      'firebreak://incident/a&b',
      'firebreak://incident/x//',
      '--no-sandbox',
    ],
    `firebreak://incident/${'a'.repeat(65)}`,
  ]
  test('fifty hostile links and more', () => expect(hostile.length).toBeGreaterThanOrEqual(50))
  test.each(hostile)('%j says nothing', (link) => expect(parseLink(link)).toBeUndefined())
})

describe('among arguments', () => {
  const link = 'firebreak://incident/inc_1'
  test.each([
    [['firebreak', link]],
    [['firebreak', '--ozone-platform=x11', link]],
    [['firebreak', link, '--allow-file-access-from-files', '--original-process-start-time=1']],
    [['electron', '.', '--', link]],
  ])('%j', (argv) => expect(linkIn(argv)).toEqual({ kind: 'incident', id: 'inc_1' }))

  test.each([
    [['firebreak']],
    [[]],
    [[link]],
    [['firebreak', link, 'firebreak://run/x']],
    [['firebreak', 'firebreak://run/x?y']],
    [['firebreak', `--x=${link}`]],
  ])('%j holds none', (argv) => expect(linkIn(argv)).toBeUndefined())
})
