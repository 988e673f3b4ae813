import { PortFailure } from './ports.js'

/**
 * A port of a system that this installation does not name: whoever asks it is told which setting is missing. A recipe that
 * needs it stops there; the others never notice.
 *
 * @param system in words, such as `the object storage`
 * @param setting the variable that names it
 */
export function notConfigured<Port extends object>(system: string, setting: string): Port {
  const refuse = () =>
    Promise.reject(new PortFailure('invalid', `${system} is not configured here: set ${setting} of the worker`))
  // A promise is told by its `then`, and this is none.
  return new Proxy({}, { get: (_, key) => (key === 'then' || typeof key === 'symbol' ? undefined : refuse) }) as Port
}
