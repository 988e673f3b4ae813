import { useMutation, useQueryClient } from '@tanstack/react-query'
import { cancelPlan, planQuery } from '../../api/plans.js'
import type { Plan } from '../../api/view.js'
import { announce } from '../../ui/announce.js'
import { isOpen } from './inbox.js'
import { WithReason } from './WithReason.js'

/** Takes a plan back before it is a run, with the reason. It changes nothing out there, and needs no arming. */
export function TakeBack({ plan }: { plan: Plan }) {
  const queries = useQueryClient()
  const { queryKey } = planQuery(plan.id)
  const back = useMutation({
    mutationFn: (reason: string) => cancelPlan(plan.id, reason, crypto.randomUUID()),
    onSuccess: (answer) => {
      queries.setQueryData(queryKey, answer)
      announce('Taken back')
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ['plan'] }),
  })
  // Whoever may not is told where they would say yes or no; a plan that has ended has nothing to take back.
  if (!plan.may.cancel.ok || !isOpen(plan)) return null
  return (
    <WithReason
      open="Take it back…"
      label="Why it is taken back"
      help="Nobody can approve it then. Everybody who comes to it reads this."
      submit="Take this plan back"
      pending={back.isPending}
      error={back.error}
      failed="It was not taken back"
      onSubmit={(reason) => back.mutate(reason)}
    />
  )
}
