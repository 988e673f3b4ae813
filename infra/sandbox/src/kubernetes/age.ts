/** How long ago something was, as `kubectl` writes it: two units at most. `now` in milliseconds, as `Date.now()`. */
export function ageOf(timestamp: string | undefined, now = Date.now()): string {
  const then = Date.parse(timestamp ?? '')
  return Number.isNaN(then) ? '<unknown>' : duration(now - then)
}

/** A duration in milliseconds, as `kubectl` writes it. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < 120) return `${seconds}s`
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3_600), Math.floor(seconds / 86_400)]
  if (minutes < 10) return seconds % 60 ? `${minutes}m${seconds % 60}s` : `${minutes}m`
  if (minutes < 180) return `${minutes}m`
  if (hours < 8) return minutes % 60 ? `${hours}h${minutes % 60}m` : `${hours}h`
  if (hours < 48) return `${hours}h`
  return hours < 192 && hours % 24 ? `${days}d${hours % 24}h` : `${days}d`
}
