import { useMutation, useQueryClient } from '@tanstack/react-query'
import { cancelPlan, planQuery } from '../../api/plans.js'
import type { Plan } from '../../api/view.js'
import { announce } from '../../ui/announce.js'
import { isOpen } from './inbox.js'
import { WithReason } from './WithReason.js'

/** Withdraws a plan before it is a run, with the reason. It changes nothing out there, and needs no arming. */
export function Withdraw({ plan }: { plan: Plan }) {
  const queries = useQueryClient()
  const { queryKey } = planQuery(plan.id)
  const back = useMutation({
    mutationFn: (reason: string) => cancelPlan(plan.id, reason, crypto.randomUUID()),
    onSuccess: (answer) => {
      queries.setQueryData(queryKey, answer)
      announce('Withdrawn')
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ['plan'] }),
  })
  // Whoever may not is told where they would say yes or no; a plan that has ended has nothing to withdraw.
  if (!plan.may.cancel.ok || !isOpen(plan)) return null
  return (
    <WithReason
      open="Withdraw it…"
      label="Why it is withdrawn"
      help="Nobody can approve it then. Everybody who comes to it reads this."
      submit="Withdraw this plan"
      pending={back.isPending}
      error={back.error}
      failed="It was not withdrawn"
      onSubmit={(reason) => back.mutate(reason)}
    />
  )
}
