import { characterErrorPercent } from './character-errors.js'
import type { OcrEngine, OcrRoute } from './directory.js'
import { PortFailure, type Readers } from './ports.js'

/*
 * Whether an engine is of any use, told by samples whose text is known, and by what comes of the documents that it gets.
 */

/** A picture that is larger is no sample of a line of text. */
const MOST_BYTES = 5_000_000

/** A picture, and what it says. */
export type Sample = { image: Uint8Array; text: string }

/** How an engine did with the samples. */
export type Tried = {
  engine: string
  samples: number
  /** How many it answered. */
  read: number
  /** `null` where it answered none. */
  cer_percent: number | null
  healthy: boolean
  says: string
}

/** The samples of the house, each read once for all engines. That one is not there is an error. */
export async function samplesOf({ objects }: Pick<Readers, 'objects'>, { name, samples }: OcrRoute): Promise<Sample[]> {
  const found: Sample[] = []
  for (const { bucket, key, text } of samples) {
    const image = await objects.read({ bucket, key }, MOST_BYTES)
    if (!image) throw new PortFailure('not-found', `the sample ${bucket}/${key} of ${name} is not there`)
    found.push({ image, text })
  }
  return found
}

/** All of the samples, and well enough: an engine that answers one of three is no help. */
export const readsSamples = (
  { read, samples, cer_percent }: Omit<Tried, 'healthy' | 'says'>,
  threshold: number,
): boolean => samples > 0 && read === samples && cer_percent !== null && cer_percent <= threshold

/** Has an engine read the samples. That it fails is what is asked. */
export async function tried(
  { ocr }: Pick<Readers, 'ocr'>,
  route: OcrRoute,
  all: readonly Sample[],
  engine: string,
): Promise<Tried> {
  const answers: { text: string; read: string }[] = []
  let trouble = ''
  for (const { image, text } of all) {
    try {
      answers.push({ text, read: (await ocr.recognise(engine, image)).text })
    } catch (error) {
      // Not known, or not allowed: that is said of us and not of the engine.
      if (!(error instanceof PortFailure) || error.kind === 'not-found' || error.kind === 'forbidden') throw error
      trouble ||= `, otherwise ${error.kind}`
      // One that hangs would hang for each of them.
      if (error.kind === 'timeout') break
    }
  }
  const samples = all.length
  const cer_percent = answers.length === 0 ? null : characterErrorPercent(answers)
  const wrong = cer_percent === null ? '' : `, ${cer_percent} % of the characters wrong`
  const found = { engine, samples, read: answers.length, cer_percent }
  const says = `${engine} read ${answers.length} of ${samples} samples${wrong}${trouble}`
  return { ...found, healthy: readsSamples(found, route.cer_threshold_percent), says }
}

/**
 * Why no more documents should go to an engine, or `undefined` when they may.
 *
 * @param getsSome it gets documents already: then what comes of them counts, too
 */
export async function speaksAgainst(
  readers: Pick<Readers, 'objects' | 'ocr' | 'metrics'>,
  route: OcrRoute,
  { engine, error_rate_percent }: OcrEngine,
  getsSome: boolean,
): Promise<string | undefined> {
  const seen = await tried(readers, route, await samplesOf(readers, route), engine)
  if (!seen.healthy) return `${seen.says} (allowed: ${route.cer_threshold_percent} %)`
  if (!getsSome) return undefined
  const percent = (await readers.metrics.value(error_rate_percent)) ?? NaN
  // A share without data is NaN.
  if (!Number.isFinite(percent)) return `how much ${engine} fails on is not measured, though it gets documents`
  return percent > route.error_rate_threshold_percent
    ? `${engine} fails on ${Math.ceil(percent)} % of what it gets (allowed: ${route.error_rate_threshold_percent} %)`
    : undefined
}
