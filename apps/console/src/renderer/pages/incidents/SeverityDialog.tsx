import { useState } from 'react'
import type { Incident } from '../../api/view.js'
import { Severity } from '../../ui/Severity.js'
import { ReasonDialog } from './ReasonDialog.js'
import css from './SeverityDialog.module.css'
import type { useVerbs } from './verbs.js'

const severities = ['SEV1', 'SEV2', 'SEV3', 'SEV4'] as const

/** How bad it is after all, and why one thinks so. */
export function SeverityDialog({
  incident,
  verb: { send, error, isPending },
  onClose,
}: {
  incident: Incident
  verb: ReturnType<typeof useVerbs>['correct']
  onClose(): void
}) {
  const [severity, setSeverity] = useState(incident.severity)
  return (
    <ReasonDialog
      title="How bad it is"
      label="Why"
      help="It stands in the timeline. Reports and metrics say the new severity."
      submit={severity === incident.severity ? 'Correct it' : `Correct it to ${severity}`}
      missing={severity === incident.severity ? `It is ${severity} already: choose another.` : null}
      pending={isPending}
      error={error}
      failed="The severity was not corrected"
      onSubmit={(reason) => void send({ severity, reason }).then(onClose, () => undefined)}
      onClose={onClose}
    >
      <fieldset className={css.choices}>
        <legend className="unseen">Severity</legend>
        {severities.map((one) => (
          <label key={one}>
            <input
              type="radio"
              name="severity"
              {...(one === incident.severity ? { 'data-autofocus': true } : {})}
              checked={one === severity}
              onChange={() => setSeverity(one)}
            />
            <Severity level={one} />
          </label>
        ))}
      </fieldset>
    </ReasonDialog>
  )
}
