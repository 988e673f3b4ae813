import { storeOf, useStore } from './store.js'

/*
 * What a screen reader is told without being asked: one polite region for the whole page, and only for what a person
 * has to know now. Live values announce nothing.
 */
const said = storeOf('')

export const announce = (sentence: string): void => said.set(sentence)

export function Announcer() {
  return (
    <div role="status" aria-label="Announcements" className="unseen">
      {useStore(said)}
    </div>
  )
}
