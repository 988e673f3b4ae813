/** Which plans take a run back is asked with every look at the run. */
export const reverts = /* sql */ `

create index plan_request_reverts on flow.request ((body ->> 'reverts')) where kind = 'plan' and body ->> 'reverts' is not null;
`
