import { useEffect, useReducer, useRef } from 'react'
import { announce } from '../../ui/announce.js'
import { Heading } from '../../ui/Heading.js'
import { Pane } from '../../ui/Pane.js'
import { useTitle } from '../../ui/title.js'
import { Bring } from './Bring.js'
import { carryOut } from './checker.js'
import css from './CheckPage.module.css'
import { empty, orderFor, ready, step, unseen, type Thing } from './desk.js'
import { Found } from './Found.js'
import { ServerSays } from './ServerSays.js'
import { ending } from './words.js'

/** Whether a bundle is what the log signed: found out here, by the same code that an auditor runs in a terminal. */
export function CheckPage() {
  useTitle('Check a bundle')
  const [desk, move] = useReducer(step, empty)
  const stop = useRef<() => void>(undefined)
  const { checking } = desk

  useLooks(desk, (thing, looked) => move({ do: 'looked', thing, looked }))
  // Whatever ended it, a worker that nobody waits for works no more.
  const running = checking.at === 'running'
  useEffect(() => (running ? () => stop.current?.() : undefined), [running])
  useEffect(() => {
    const said = ending(checking)
    if (said !== undefined) announce(said)
  }, [checking])

  const start = () => {
    const order = orderFor(desk, Date.now())
    if (!ready(desk).ok || !order) return
    move({ do: 'start', now: performance.now() })
    announce('The check has begun.')
    stop.current = carryOut(
      order,
      (told) => move({ do: 'told', told, now: performance.now(), when: new Date() }),
      (sentence) => move({ do: 'broke', sentence }),
    )
  }

  return (
    <>
      <div className={css.head}>
        <Heading>Check a bundle</Heading>
        <p>
          Whether a bundle is what the log signed is found out here, in this tab. <b>Nothing leaves this device:</b> the
          files are read where they lie, by a worker whose own policy lets it open no connection.
        </p>
      </div>
      <div className={css.desk}>
        <div className={css.left}>
          <Pane title="What you bring">
            <Bring desk={desk} move={move} start={start} />
          </Pane>
          <ServerSays />
        </div>
        <Pane title="What is found">
          <Found desk={desk} cancel={() => move({ do: 'cancel' })} />
        </Pane>
      </div>
    </>
  )
}

type Looked = Parameters<typeof step>[1] & { do: 'looked' }

/** What was put on the desk is looked at once it lies still: a text that is typed changes with every key. */
function useLooks(desk: Parameters<typeof step>[0], looked: (thing: Thing, looked: Looked['looked']) => void): void {
  const tell = useRef(looked)
  useEffect(() => {
    tell.current = looked
  })
  const waiting = unseen(desk)
  const things = useRef(new WeakSet<Thing>())
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const { at, thing } of waiting) {
        if (things.current.has(thing) || !(thing.content instanceof Uint8Array)) continue
        things.current.add(thing)
        const bad = (sentence: string) => tell.current(thing, { state: 'bad', sentence })
        carryOut(
          { order: 'look', at, bytes: thing.content },
          (told) => {
            if (told.told === 'looked') tell.current(thing, { state: 'fine', says: told.says })
            if (told.told === 'unusable') bad(told.sentence)
          },
          bad,
        )
      }
    }, 150)
    return () => clearTimeout(timer)
  }, [desk.given])
}
