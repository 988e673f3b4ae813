/*
 * The two halves of a context bridge, as text for a page's two worlds. Chromium's isolated worlds are what Electron's
 * context isolation is made of; between them only JSON in DOM events goes back and forth here, so nothing but data crosses.
 */

export const WORLD = 'firebreak-preload'

/** The page's half: makes the object that was exposed, and what is called there is called over there. */
export const MAIN_WORLD = `(() => {
  if (window.top !== window) return
  const { parse, stringify } = JSON
  const send = window.dispatchEvent.bind(window)
  const Told = CustomEvent
  const listen = window.addEventListener.bind(window)
  const { freeze, defineProperty } = Object
  const Later = Promise
  const callbacks = new Map()
  const waiting = new Map()
  let n = 0
  const out = (value) => {
    if (typeof value === 'function') {
      const id = ++n
      callbacks.set(id, value)
      return { cb: id }
    }
    if (value === undefined) return { none: true }
    if (value === null || typeof value !== 'object') return { v: value }
    if (Array.isArray(value)) return { list: value.map(out) }
    return { map: Object.entries(value).map(([key, one]) => [key, out(one)]) }
  }
  const call = (fn, args) => {
    let answer
    const hear = (event) => { answer = parse(event.detail) }
    listen('fb:answer', hear, { once: true })
    send(new Told('fb:call', { detail: stringify({ fn, args: args.map(out) }) }))
    if (answer.thrown !== undefined) throw new Error(answer.thrown)
    if (answer.promise !== undefined) return new Later((resolve, reject) => waiting.set(answer.promise, { resolve, reject }))
    if (answer.fn !== undefined) return (...more) => call(answer.fn, more)
    return answer.v
  }
  listen('fb:settle', (event) => {
    const { id, v, error } = parse(event.detail)
    const { resolve, reject } = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) resolve(v)
    else reject(new Error(error))
  })
  listen('fb:back', (event) => {
    const { cb, args } = parse(event.detail)
    callbacks.get(cb)(...args)
  })
  listen('fb:expose', (event) => {
    const { name, shape } = parse(event.detail)
    const object = {}
    for (const [key, { fn, v }] of Object.entries(shape))
      object[key] = fn === undefined ? v : (...args) => call(fn, args)
    defineProperty(window, name, { value: freeze(object), writable: false, configurable: false, enumerable: true })
  })
})()`

/** The preload's half: as much of Electron as a preload in the sandbox may have, and the preload as it was built. */
export const preloadWorld = (preload: string): string => `(() => {
  if (window.top !== window) return
  const functions = new Map()
  const pending = new Map()
  const listeners = new Map()
  let n = 0
  const keep = (fn) => { functions.set(++n, fn); return n }
  const tell = (type, what) => window.dispatchEvent(new CustomEvent(type, { detail: JSON.stringify(what) }))
  const back = ({ cb, v, list, map, none }) => {
    if (none) return undefined
    if (cb !== undefined) return (...args) => tell('fb:back', { cb, args })
    if (list) return list.map(back)
    if (map) return Object.fromEntries(map.map(([key, one]) => [key, back(one)]))
    return v
  }
  window.addEventListener('fb:call', (event) => {
    const { fn, args } = JSON.parse(event.detail)
    let answer
    try {
      const value = functions.get(fn)(...args.map(back))
      if (value instanceof Promise) {
        const id = ++n
        answer = { promise: id }
        value.then((v) => tell('fb:settle', { id, v }), (error) => tell('fb:settle', { id, error: String(error.message) }))
      } else answer = typeof value === 'function' ? { fn: keep(value) } : { v: value }
    } catch (error) {
      answer = { thrown: String(error.message) }
    }
    tell('fb:answer', answer)
  })
  const cloneable = (value) => {
    if (typeof value === 'function') return false
    return value === null || typeof value !== 'object' || Object.values(value).every(cloneable)
  }
  const ipcRenderer = {
    invoke: (channel, ...args) =>
      new Promise((resolve, reject) => {
        if (!cloneable(args)) return reject(new Error('An object could not be cloned.'))
        const id = ++n
        pending.set(id, { resolve, reject })
        globalThis.__ipc(JSON.stringify({ id, channel, args, url: location.href }))
      }),
    on: (channel, listener) => {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener])
      return ipcRenderer
    },
    removeListener: (channel, listener) => {
      listeners.set(channel, (listeners.get(channel) ?? []).filter((one) => one !== listener))
      return ipcRenderer
    },
  }
  const contextBridge = {
    exposeInMainWorld: (name, api) =>
      tell('fb:expose', {
        name,
        shape: Object.fromEntries(
          Object.entries(api).map(([key, v]) => [key, typeof v === 'function' ? { fn: keep(v) } : { v }]),
        ),
      }),
  }
  globalThis.__settle = (id, value, error) => {
    const { resolve, reject } = pending.get(id)
    pending.delete(id)
    if (error === undefined) resolve(value)
    else reject(new Error(error))
  }
  globalThis.__hear = (channel, payload) => {
    // A sender hangs on Electron's event: whoever passes it on is found out.
    for (const listener of listeners.get(channel) ?? []) listener({ sender: ipcRenderer, ports: [] }, payload)
  }
  const require = (name) => {
    if (name !== 'electron') throw new Error('module not found: ' + name)
    return { contextBridge, ipcRenderer }
  }
  ;((require, module, exports) => {
${preload}
  })(require, { exports: {} }, {})
})()`
