/**
 * The primary engine of an OCR answers the worker nothing, and what it gets from its consumers it reads: it is the way from
 * here to there that is broken. Told only where somebody measures what the engine fails on; it must get documents.
 *
 * @param most percent of the documents that it may fail on
 */
export const onlyOutOfReach = (
  { read, error_rate_percent }: { read: number; error_rate_percent: number | null },
  most: number,
): boolean => read === 0 && error_rate_percent !== null && error_rate_percent <= most

export const OUT_OF_REACH =
  'The primary engine answers the worker nothing, and reads what it gets from its consumers: it is the way from here that is broken (OCR_ENGINES, network policies). If the engine has just gone, its figures lag: ask again in some minutes.'
