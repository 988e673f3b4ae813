import { Button } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import type { Finding } from '../../../checker/messages.js'
import { bytesSays } from '../../ui/bytes.js'
import { Copy } from '../../ui/Copy.js'
import { useKeys } from '../../ui/keys.js'
import { Time } from '../../ui/Time.js'
import { fraction, type Checking, type Desk } from './desk.js'
import css from './Found.module.css'
import { save } from './save.js'
import {
  findingSays,
  holds,
  inputWords,
  keptName,
  markShape,
  place,
  progressSays,
  sentence,
  stateShape,
  stateWord,
  tookSays,
  verdictSays,
  verdictTitle,
  type Mark,
} from './words.js'

/** What the check has found, as far as it is. */
export function Found({ desk, cancel }: { desk: Desk; cancel: () => void }) {
  const { checking } = desk
  switch (checking.at) {
    case 'idle':
      return <Before />
    case 'running':
      return <Under running={checking} size={desk.given.bundle?.thing.size ?? 0} cancel={cancel} />
    case 'told':
      return <After told={checking} desk={desk} />
    case 'unusable':
      return (
        <>
          <Banner mark="unusable" title={`${inputWords[checking.input].title}: cannot be used`}>
            <p>{sentence(checking.sentence)}</p>
            <p className={css.quiet}>Nothing was found out about the log.</p>
          </Banner>
        </>
      )
    case 'cancelled':
      return (
        <p className={css.nothing}>
          <b>Cancelled.</b> Nothing was found out: a check that was not finished says nothing.
        </p>
      )
    case 'broken':
      return (
        <Banner mark="unusable" title="The check broke off">
          <p>{sentence(checking.sentence)}</p>
          <p className={css.quiet}>This is no word about the bundle.</p>
        </Banner>
      )
  }
}

function Before() {
  return (
    <div className={css.before}>
      <p>A check ends with one of three verdicts:</p>
      <dl>
        {(
          [
            ['valid', verdictTitle.valid, 'The signed log holds these entries, unchanged and in this order.'],
            [
              'tampered',
              verdictTitle.tampered,
              'Something was changed, removed, added or forged: where, and how it shows.',
            ],
            ['incomplete', verdictTitle.incomplete, 'What could be checked is right, and something could not be.'],
          ] as const
        ).map(([mark, title, says]) => (
          <div key={mark} data-mark={mark}>
            <dt>
              <span aria-hidden>{markShape[mark]}</span> {title}
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
      <Limits />
    </div>
  )
}

/** A verdict is worth as much as the code that came to it. */
function Limits() {
  return (
    <div className={css.limits}>
      <p>
        <b>What this page cannot tell you:</b> it came from the same server as the log. Where you do not trust whoever
        runs that, make the same check with a copy of the code that you got elsewhere:
      </p>
      <pre>npm run audit-check -- bundle.tar --policy firebreak.policy</pre>
    </div>
  )
}

function Under({
  cancel,
  running,
  size,
}: {
  running: Extract<Checking, { at: 'running' }>
  size: number
  cancel: () => void
}) {
  useKeys([{ keys: 'Escape', does: 'Cancel the check', where: 'Check a bundle', run: cancel }])
  const [elapsed, setElapsed] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setElapsed(performance.now() - running.since), 500)
    return () => clearInterval(timer)
  }, [running.since])
  return (
    <div className={css.under}>
      <progress aria-label="The check" value={fraction(running.progress, size)} max={1} />
      <p>
        {progressSays(running.progress, size)}
        <span className={css.elapsed}>{tookSays(elapsed)}</span>
      </p>
      <Button size="compact-sm" variant="default" onClick={cancel}>
        Cancel
        <kbd aria-hidden className={css.key}>
          Esc
        </kbd>
      </Button>
    </div>
  )
}

function After({ told, desk: { given } }: { told: Extract<Checking, { at: 'told' }>; desk: Desk }) {
  const { checkpoint, report, took, when } = told
  const claimed = report.verdict === 'tampered' ? ', as it claims' : ''
  return (
    <div className={css.after}>
      <Banner mark={report.verdict} title={verdictTitle[report.verdict]}>
        {report.first ? (
          <p className={css.first}>
            First at <b>{place(report.first.index)}</b>
            {report.first.entry === null ? null : (
              <span className={css.quiet}>
                {' '}
                (<code>{report.first.entry}</code>)
              </span>
            )}
            , found by the check <code>{report.first.check}</code>
          </p>
        ) : null}
        <p>{verdictSays(report)}</p>
        {report.advice === null ? null : (
          <p className={css.advice}>
            <b>What to do:</b> {report.advice}
          </p>
        )}
      </Banner>
      <dl className={css.facts}>
        <div>
          <dt>Log{claimed}</dt>
          <dd>{report.origin}</dd>
        </div>
        <div>
          <dt>Holds{claimed}</dt>
          <dd>{holds(report)}</dd>
        </div>
        <div>
          <dt>Bundle</dt>
          <dd>
            {given.bundle?.thing.name} <span className={css.quiet}>{bytesSays(given.bundle?.thing.size ?? 0)}</span>
          </dd>
        </div>
        <div>
          <dt>Manifest</dt>
          <dd>
            <Copy value={report.manifest} label="digest of the manifest" short={short(report.manifest)} />
          </dd>
        </div>
        <div>
          <dt>By the policy</dt>
          <dd>{given.policy?.thing.name}</dd>
        </div>
        <div>
          <dt>Checked</dt>
          <dd>
            <Time at={when.toISOString()} /> <span className={css.quiet}>in {tookSays(took)}</span>
          </dd>
        </div>
      </dl>
      {checkpoint === null ? null : (
        <p className={css.keep}>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => save(keptName(report.origin, report.size), checkpoint)}
          >
            Save its checkpoint
          </Button>
          <span>Keep this for the next time: a log that has forgotten what it covers is then found out.</span>
        </p>
      )}
      <Findings findings={report.findings} />
      <Limits />
    </div>
  )
}

/** Every check, in the order in which an auditor reads them. */
function Findings({ findings }: { findings: readonly Finding[] }) {
  return (
    <table className={css.findings}>
      <caption className="unseen">Each check, and what it found or why it was not made</caption>
      <thead>
        <tr>
          <th scope="col">Result</th>
          <th scope="col">Check</th>
          <th scope="col">What it says</th>
        </tr>
      </thead>
      <tbody>
        {findings.map((finding) => (
          <tr key={finding.check} data-state={finding.state}>
            <td className={css.state}>
              <span aria-hidden>{stateShape[finding.state]}</span> {stateWord[finding.state]}
            </td>
            <th scope="row">
              <code>{finding.check}</code>
            </th>
            <td className={css.says}>
              {findingSays(finding)}
              {finding.state === 'passed' && finding.found !== '' ? (
                <span className={css.found}>{finding.found}</span>
              ) : null}
              {finding.state === 'failed' &&
              finding.index !== null &&
              !finding.sentence.includes(`entry ${finding.index}`) ? (
                <span className={css.found}>{place(finding.index)}</span>
              ) : null}
              {finding.state === 'not made' && finding.open ? (
                <span className={css.open}>leaves something unproven</span>
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The verdict: a shape, a word and a colour. Whoever started the check finds the focus on it. */
function Banner({ mark, title, children }: { mark: Mark; title: string; children: React.ReactNode }) {
  const banner = useRef<HTMLDivElement>(null)
  useEffect(() => {
    banner.current?.focus({ preventScroll: true })
    // On a narrow screen it stands below what was brought.
    banner.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  return (
    <div ref={banner} tabIndex={-1} role="group" aria-label="Verdict" className={css.banner} data-mark={mark}>
      <span aria-hidden className={css.shape}>
        {markShape[mark]}
      </span>
      <div>
        <h3>{title}</h3>
        {children}
      </div>
    </div>
  )
}

const short = (digest: string): string => digest.replace(/^(sha256:.{8}).*(.{8})$/, '$1…$2')
