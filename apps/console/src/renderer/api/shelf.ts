/*
 * What is kept on the device, so that it can be read when the API is down: the runbook, and the open incidents. IndexedDB works alike in a browser
 * and under `app://`, needs no script of its own (a service worker would), and holds more than localStorage. What was read
 * by one person is not left for the next: signing out clears it, and so does another person who signs in.
 */

/** Something as it was when it was kept. `at` is RFC 3339, by the server's clock. */
export interface Kept<T> {
  data: T
  at: string
}

/** Where things are kept by name. A place that keeps nothing answers `undefined`. */
export interface Shelf {
  get(name: string): Promise<Kept<unknown> | undefined>
  put(name: string, kept: Kept<unknown>): Promise<void>
  /** Of all that is kept. */
  names(): Promise<string[]>
  remove(name: string): Promise<void>
  clear(): Promise<void>
}

const [DATABASE, STORE] = ['firebreak', 'shelf']

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1)
    asked.onupgradeneeded = () => void asked.result.createObjectStore(STORE)
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error ?? new Error('no database'))
    asked.onblocked = () => reject(new Error('the database is in use'))
  })
}

async function within<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open()
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode)
      const asked = work(transaction.objectStore(STORE))
      transaction.oncomplete = () => resolve(asked.result)
      transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error('not kept'))
    })
  } finally {
    database.close()
  }
}

/** The device's own. A browser that keeps nothing (a private window, a full disk) fails none of these. */
export const shelf: Shelf = {
  get: (name) =>
    within('readonly', (store) => store.get(name) as IDBRequest<Kept<unknown> | undefined>).catch(() => undefined),
  put: (name, kept) =>
    within('readwrite', (store) => store.put(kept, name)).then(
      () => undefined,
      () => undefined,
    ),
  names: () =>
    within('readonly', (store) => store.getAllKeys()).then(
      (keys) => keys.map(String),
      () => [],
    ),
  remove: (name) => within('readwrite', (store) => store.delete(name)).catch(() => undefined),
  clear: () => within('readwrite', (store) => store.clear()).catch(() => undefined),
}

const OWNER = 'owner'

/** Makes it this person's: what was kept for another is cleared before anything of it can be read. */
export async function claim(shelf: Shelf, person: string, now: Date): Promise<void> {
  const owner = await shelf.get(OWNER)
  if (owner?.data === person) return
  if (owner !== undefined) await shelf.clear()
  await shelf.put(OWNER, { data: person, at: now.toISOString() })
}
