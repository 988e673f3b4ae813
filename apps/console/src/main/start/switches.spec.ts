import { describe, expect, test } from 'vitest'
import { refusalText, refusedSwitches } from './switches.js'

const refused = (argv: string[], more: Partial<Parameters<typeof refusedSwitches>[1]> = {}) =>
  refusedSwitches(['/opt/firebreak/firebreak', ...argv], { allowed: [], windows: false, ...more })

describe('SEC-04: a start that takes a wall away', () => {
  test.each([
    ...[
      '--no-sandbox',
      '--disable-setuid-sandbox',
      '--disable-gpu-sandbox',
      '--disable-web-security',
      '--disable-site-isolation-trials',
    ],
    ...[
      '--remote-debugging-port=9222',
      '--remote-debugging-port',
      '--remote-debugging-pipe',
      '--remote-debugging-address=0.0.0.0',
    ],
    ...[
      '--inspect',
      '--inspect=0.0.0.0:9229',
      '--inspect-brk',
      '--inspect-port=1',
      '--inspect-publish-uid=http',
      '--debug-brk',
    ],
    ...[
      '--load-extension=/tmp/x',
      '--js-flags=--allow-natives-syntax',
      '--renderer-cmd-prefix=/tmp/x',
      '--gpu-launcher=x',
    ],
    ...['--ignore-certificate-errors', '--ignore-certificate-errors-spki-list=x', '--allow-insecure-localhost'],
    ...[
      '--proxy-server=evil:1',
      '--proxy-pac-url=http://evil',
      '--host-rules=MAP * evil',
      '--host-resolver-rules=MAP * evil',
    ],
    ...['--unsafely-treat-insecure-origin-as-secure=http://evil', '--user-data-dir=/tmp/x', '--password-store=basic'],
    // As Chromium reads them too.
    ...['-no-sandbox', '--No-Sandbox', '--NO-SANDBOX', '--no-sandbox=0', '-remote-debugging-port=1'],
  ])('%s is refused', (given) => {
    expect(refused([given])).toHaveLength(1)
    expect(refused(['firebreak://incident/inc_1', given])).toHaveLength(1)
  })

  test.each([
    '--ozone-platform=wayland',
    '--force-dark-mode',
    '--lang=uk',
    '--enable-features=x',
    'firebreak://incident/--no-sandbox',
    '--',
    '--sandboxed',
    '--no-sandboxes',
  ])('%s is not', (given) => expect(refused([given])).toEqual([]))

  test('on Windows a slash begins a switch too; elsewhere it is a path', () => {
    expect(refused(['/no-sandbox'], { windows: true })).toHaveLength(1)
    expect(refused(['/no-sandbox'])).toEqual([])
  })

  test('what stands behind -- is no switch', () => expect(refused(['--', '--no-sandbox'])).toEqual([]))

  test('an administrator may allow one by name, and no other with it', () => {
    const allowed = ['proxy-server']
    expect(refused(['--proxy-server=proxy.example:3128'], { allowed })).toEqual([])
    expect(refused(['--proxy-server=x', '--no-sandbox'], { allowed }).map(({ given }) => given)).toEqual([
      '--no-sandbox',
    ])
  })

  test('says which and why, where it may be allowed, and never the value', () => {
    const text = refusalText(refused(['--proxy-server=user:secret@evil']), '/etc/firebreak/console.json')
    expect(text).toContain('--proxy-server: sends what is said to the API past somebody else.')
    expect(text).toContain('/etc/firebreak/console.json')
    expect(text).not.toContain('secret')
  })
})
