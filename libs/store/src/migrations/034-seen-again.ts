/**
 * What the worker watches is mostly as it was, and gets its time alone, every two seconds. With room left in each page a row's
 * new version stands beside the old one, and no index is told of it.
 */
export const seenAgain = /* sql */ `

alter table flow.observation set (fillfactor = 50);
`
