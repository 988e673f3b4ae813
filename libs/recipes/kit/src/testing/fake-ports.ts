import { notConfigured } from '../not-configured.js'
import type { Hands, Readers } from '../ports.js'
import { FakeDirectory } from './fake-directory.js'

/*
 * A test names the ports that its subject is to use. Each of the others refuses as one does that is not configured, so
 * that a recipe which asks for more than its spec says is found out.
 */

/** Readers of which only these are there; the directory is that of `FakeDirectory`. */
export const fakeReaders = (given: Partial<Readers> = {}): Readers => ({
  cluster: none('cluster'),
  metrics: none('metrics'),
  directory: new FakeDirectory(),
  queues: none('queues'),
  objects: none('objects'),
  registry: none('registry'),
  ocr: none('ocr'),
  smoke: none('smoke'),
  past: none('past'),
  traces: none('traces'),
  evidence: none('evidence'),
  ...given,
})

/** Hands of which only these are there. */
export const fakeHands = (given: Partial<Hands> = {}): Hands => ({
  cluster: none('cluster'),
  queues: none('queues'),
  objects: none('objects'),
  registry: none('registry'),
  evidence: none('evidence'),
  ...given,
})

const none = <Port extends object>(name: string): Port => notConfigured<Port>(`the port ${name}`, 'it in the test')
