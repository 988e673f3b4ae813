import { contextBridge, ipcRenderer } from 'electron'
import { CHANNELS, type OpenIncident, type Outcome, type Place, type Surface } from '../bridge/surface.js'

/*
 * The whole of what the page sees of the shell. It runs apart from the page's own scripts and sends nothing but the calls
 * that stand here; what they may carry is judged on the other side.
 */

const ask = <T>(channel: string, ...args: unknown[]) => ipcRenderer.invoke(channel, ...args) as Promise<Outcome<T>>

const surface: Surface = {
  version: 1,
  info: () => ask(CHANNELS.info),
  signIn: () => ask(CHANNELS.signIn),
  incidents: (open: OpenIncident[]) => ask(CHANNELS.incidents, open),
  onGo: (listener: (place: Place) => void) => {
    let stopped = false
    // Electron's event would hand the page a way to send: it gets the place alone.
    const hear = (_event: unknown, place: Place) => {
      if (!stopped) listener(place)
    }
    ipcRenderer.on(CHANNELS.go, hear)
    void ask<Place | null>(CHANNELS.listen).then((waiting) => {
      if (!stopped && waiting.ok && waiting.value !== null) listener(waiting.value)
    })
    return () => {
      stopped = true
      ipcRenderer.removeListener(CHANNELS.go, hear)
    }
  },
}

contextBridge.exposeInMainWorld('firebreak', Object.freeze(surface))
