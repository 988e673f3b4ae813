import { connect } from 'node:net'

/**
 * Says one command to the Redis or the Sentinel behind `port` of 127.0.0.1. Answers what came back: a line with its mark
 * (`+PONG`), or the text of a bulk reply. For those who start servers, and want no client that connects again.
 */
export function ask(port: number, password: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const commands = password === '' ? [command] : [`AUTH ${password}`, command]
    const socket = connect({ port, host: '127.0.0.1', timeout: 2_000 })
    let said = ''
    socket.on('connect', () => socket.write(commands.map((line) => `${line}\r\n`).join('')))
    socket.on('data', (data) => {
      said += String(data)
      const last = replies(said)[commands.length - 1]
      if (last === undefined) return
      resolve(last)
      socket.destroy()
    })
    socket.on('timeout', () => socket.destroy(new Error(`nobody answers on port ${port}`)))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`port ${port} was closed`)))
  })
}

/** The replies that are there as a whole. */
function replies(said: string): string[] {
  const found: string[] = []
  for (let at = 0; at < said.length;) {
    const end = said.indexOf('\r\n', at)
    if (end < 0) break
    const line = said.slice(at, end)
    at = end + 2
    if (!line.startsWith('$')) {
      found.push(line)
      continue
    }
    const length = Number(line.slice(1))
    if (said.length < at + length + 2) break
    found.push(said.slice(at, at + length))
    at += length + 2
  }
  return found
}
