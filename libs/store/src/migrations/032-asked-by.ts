/** What somebody has asked for is among years of plans that others have: it is found by who asked. */
export const askedBy = /* sql */ `

create index plan_request_of_person on flow.request ("by", id) where kind = 'plan';
`
