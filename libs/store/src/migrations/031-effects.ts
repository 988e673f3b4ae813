/**
 * What our runs did is looked for around the beginning of an incident, also of one that is a month old: then a run that ended
 * since tells nothing, and every step that there ever was would be read.
 */
export const effects = /* sql */ `

create index step_ended on flow.step (ended_at) where ended_at is not null;
`
