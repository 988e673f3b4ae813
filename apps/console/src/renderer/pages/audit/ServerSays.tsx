import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { checkpointQuery } from '../../api/audit.js'
import { Loaded, Pane } from '../../ui/Pane.js'
import { Span } from '../../ui/Time.js'
import { carryOut } from './checker.js'
import { save } from './save.js'
import css from './ServerSays.module.css'
import { keptName } from './words.js'

/** The newest checkpoint, as the server gives it out: its word, and something to keep. */
export function ServerSays() {
  const query = useQuery(checkpointQuery)
  return (
    <Pane title="What the server says" head={<span className={css.mark}>not verified</span>}>
      <Loaded query={query} what="the newest checkpoint" rows={2}>
        {(note) => <Newest note={note} />}
      </Loaded>
    </Pane>
  )
}

function Newest({ note }: { note: string }) {
  const looked = useQuery({
    queryKey: ['checkpoint', 'looked', note],
    queryFn: () => claims(note),
    staleTime: Infinity,
    // Each is looked at once, and the next one comes soon.
    gcTime: 0,
    placeholderData: (before) => before,
  })
  return (
    <Loaded query={looked} what="the newest checkpoint" rows={2}>
      {({ says, when }) => (
        <div className={css.newest}>
          <p>
            {says}
            {when === null ? null : (
              <>
                ; cosigned <Span from={new Date(when).toISOString()} /> ago
              </>
            )}
          </p>
          <p className={css.keep}>
            <Button size="compact-xs" variant="default" onClick={() => save(nameOf(note), note)}>
              Save it
            </Button>
            <span>Kept by you today, it is held against a bundle of tomorrow.</span>
          </p>
        </div>
      )}
    </Loaded>
  )
}

/** What the note says of itself; no signature is verified, for the keys are not the server's to give. */
const claims = (note: string) =>
  new Promise<{ says: string; when: number | null }>((resolve, reject) => {
    const broke = (sentence: string) => reject(new Error(sentence))
    carryOut(
      { order: 'look', at: 'checkpoint', bytes: new TextEncoder().encode(note) },
      (told) => {
        if (told.told === 'looked') resolve(told)
        if (told.told === 'unusable') broke(told.sentence)
      },
      broke,
    )
  })

function nameOf(note: string): string {
  const [origin = '', size = ''] = note.split('\n')
  return keptName(origin, Number(size))
}
