/** Which run ended last on a target is asked with every yes and every start, and only of the last minutes. */
export const cooldowns = /* sql */ `

create index run_ended on flow.run (ended_at) where ended_at is not null;
`
