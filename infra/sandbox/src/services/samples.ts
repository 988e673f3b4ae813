/** Pictures whose text is known, for a probe of an OCR engine. */
export const SAMPLES = ['INVOICE 4711', 'ORDER 9981', 'DELIVERED 35']
