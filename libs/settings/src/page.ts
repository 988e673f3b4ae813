import type { Setting } from './settings.js'

const HEADING = /^## /m

/** The process's part of CONFIGURATION.md. */
export function settingsPage(process: string, settings: readonly Setting[]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|')
  const rows = settings.map(({ fallback, meaning, name, needed, secret }) => {
    const otherwise = needed ? '**needed**' : fallback === undefined ? '' : `\`${fallback}\``
    return `| \`${name}\` | ${cell(meaning)} | ${cell(otherwise)} | ${secret === 'whole' ? 'yes' : (secret ?? '')} |`
  })
  return [
    `## ${process}`,
    '',
    '| variable | what it means | default | secret |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

/** That part as it stands in the page, or an empty text. */
export function settingsIn(page: string, process: string): string {
  const found = page.split(HEADING).find((part) => part.startsWith(`${process}\n`))
  return found === undefined ? '' : `## ${found.trimEnd()}\n`
}

/** The page with that part as it is now. */
export function withSettings(page: string, process: string, settings: readonly Setting[]): string {
  const [before = '', ...parts] = page.split(HEADING)
  const now = settingsPage(process, settings).replace(HEADING, '')
  const known = parts.some((part) => part.startsWith(`${process}\n`))
  const all = known ? parts.map((part) => (part.startsWith(`${process}\n`) ? now : part)) : [...parts, now]
  return `${[before, ...all].map((part) => part.trimEnd()).join('\n\n## ')}\n`
}
