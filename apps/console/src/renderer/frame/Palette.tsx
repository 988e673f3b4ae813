import { Dialog } from '../ui/Dialog.js'
import { Keys } from '../ui/Keys.js'
import { Picker } from '../ui/Picker.js'
import { answers, type Offer } from './find.js'
import { useOffers } from './offers.js'
import css from './Palette.module.css'

/** `⌘K`: type where to go or what to do. It does what the keys and links do, and nothing that they may not. */
export function Palette({ roles, onClose }: { roles: readonly string[]; onClose: () => void }) {
  const offers = useOffers(roles)
  const take = (offer: Offer) => {
    onClose()
    // Once the dialog is gone, and the focus is back on the page that it is about.
    setTimeout(() => offer.run())
  }
  return (
    <Dialog title="Find or do" plain onClose={onClose}>
      <Picker
        label="Find or do"
        of="Answers"
        placeholder="A page, an incident, something to do"
        find={(typed) => answers(typed, offers)}
        keyOf={({ group, says }, at) => `${group} ${says} ${at}`}
        row={(offer, before) => (
          <>
            <span className={css.group}>{before?.group === offer.group ? '' : offer.group}</span>
            <span className={css.says}>
              {offer.says} {offer.about === undefined ? null : <span className={css.about}>{offer.about}</span>}
            </span>
            {offer.keys === undefined ? null : <Keys keys={offer.keys} />}
          </>
        )}
        none={(typed) => <>Nothing here is called “{typed}”.</>}
        onChoose={take}
        css={css}
      />
    </Dialog>
  )
}
