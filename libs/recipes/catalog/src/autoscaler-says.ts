import { excerpt, type Autoscaler, type AutoscalerMetric } from '@firebreak/kit'

type Seen = Pick<Autoscaler, 'max' | 'current' | 'metrics' | 'conditions'>

/** What an autoscaler says of itself, as an approver reads it: its figures, whether it may go on, and what keeps it. */
export function autoscalerSays({ max, current, metrics, conditions }: Seen): string {
  const is = (type: string, holds: boolean) => conditions.find((one) => one.type === type && one.holds === holds)
  const because = ({ reason, message }: { reason: string; message: string }) =>
    excerpt([reason, message].filter(Boolean).join(': '), 200)
  const [blind, stuck] = [is('ScalingActive', false), is('AbleToScale', false)]
  const said = [
    ...metrics.map(figureSays),
    ...(current >= max ? [`at its maximum of ${max}`] : []),
    ...(blind ? [`it cannot tell how many are needed (${because(blind)})`] : []),
    ...(stuck ? [`it cannot scale (${because(stuck)})`] : []),
  ]
  return said.join('; ') || 'it tells no figures'
}

/** Whether it decides by nothing: it keeps its floor, and adds nothing whatever the load is. */
export const isBlind = ({ conditions }: Pick<Autoscaler, 'conditions'>): boolean =>
  conditions.some(({ type, holds }) => type === 'ScalingActive' && holds === false)

function figureSays({ name, current, target, unit }: AutoscalerMetric): string {
  const told = (value: number | null): string => {
    if (value === null) return 'unknown'
    if (unit === 'percent') return `${value} %`
    if (unit === 'bytes') return `${Math.round(value / 1_048_576)} MiB`
    return String(value / 1_000)
  }
  return `${excerpt(name, 60)} ${told(current)} of ${told(target)}`
}
