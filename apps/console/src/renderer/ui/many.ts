/** `1 target`, `12 targets`: a count, and what is counted, by its singular. */
export const many = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`
