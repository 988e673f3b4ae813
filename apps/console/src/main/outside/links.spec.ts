import { describe, expect, test } from 'vitest'
import { judgeLink } from './links.js'

const allowed = ['grafana.example', '*.wiki.example', 'prometheus.example:9090']
const judge = (address: string) => judgeLink(address, allowed)

describe('SEC-31: links', () => {
  test.each([
    ['https://grafana.example/d/1?orgId=1#x', 'grafana.example'],
    ['https://GRAFANA.example/', 'grafana.example'],
    ['https://team.wiki.example/page', 'team.wiki.example'],
    ['https://a.b.wiki.example/', 'a.b.wiki.example'],
    ['https://prometheus.example:9090/graph?g0.expr=up', 'prometheus.example:9090'],
    ['https://grafana.example:443/', 'grafana.example'],
  ])('%s opens, and shows %s', (address, host) => expect(judge(address)).toMatchObject({ open: true, host }))

  const hostile = [
    ...[
      'http://grafana.example/',
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      ' javascript:alert(1)',
      'java\nscript:alert(1)',
    ],
    ...[
      'data:text/html,x',
      'vbscript:x',
      'file:///etc/passwd',
      'file://server/share/x.exe',
      'smb://server/share',
      '\\\\server\\share',
    ],
    ...[
      'ms-msdt:/id',
      'ms-excel:ofe|u|https://x',
      'search-ms:query=x',
      'ms-officecmd:{}',
      'mailto:a@b',
      'tel:1',
      'sms:1',
      'ssh://a',
      'steam://run/1',
    ],
    ...[
      'ftp://grafana.example/',
      'ws://grafana.example/',
      'smb://grafana.example/share',
      'ms-word://grafana.example/x',
      'firebreak://run/x',
      'app://console/',
      'chrome://settings',
      'about:blank',
      'blob:https://grafana.example/x',
      'view-source:https://grafana.example/',
    ],
    ...['https://me:secret@grafana.example/', 'https://grafana.example@evil.example/', 'https://me@grafana.example/'],
    ...[
      'https://evil.example/',
      'https://grafana.example.evil.example/',
      'https://evilgrafana.example/',
      'https://x.grafana.example/',
    ],
    ...[
      'https://wiki.example/',
      'https://evilwiki.example/',
      'https://x.wiki.example.evil.example/',
      'https://x.wiki.example:8443/',
    ],
    ...[
      'https://grafana.example:3000/',
      'https://prometheus.example/',
      'https://prometheus.example:9091/',
      'https://127.0.0.1/',
      'https://[::1]/',
    ],
    ...[
      'https://grаfana.example/',
      'https://grafana.example/\u202Egpj.exe',
      'https://grafana.example/a b',
      'https://grafana.example/\u0000',
      'https://grafana。example/',
    ],
    ...[
      'https://grafana.example\\@evil.example/',
      'https:\\\\evil.example',
      '//grafana.example/',
      '/incidents',
      'grafana.example',
      '',
      'https://',
      'https:///',
      'http:https://grafana.example',
    ],
    ...[
      `https://grafana.example/${'a'.repeat(3000)}`,
      'https://grafana.example%2eevil.example/',
      'https://grafana.example%00.evil/',
      'https://grafana.example./',
    ],
  ]

  test.each(hostile)('%j does not', (address) => {
    const judged = judge(address)
    expect(judged.open).toBe(false)
    expect(judged).not.toMatchObject({ why: expect.stringContaining('secret') as string })
  })

  test('a house that named no hosts has no links', () =>
    expect(judgeLink('https://grafana.example/', [])).toMatchObject({ open: false }))
})
