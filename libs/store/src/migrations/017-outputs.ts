/** What a step gave to later ones: they read it from the journal, and so does whoever takes the run over. */
export const outputs = /* sql */ `

alter table flow.step add column output jsonb;
grant update (output) on flow.step to fb_worker;
`
