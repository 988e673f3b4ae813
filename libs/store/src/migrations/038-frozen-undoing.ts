/** A run that a freeze stopped on its way back is planned anew, too: what is left of the way back, when the freeze is lifted. */
export const frozenUndoing = /* sql */ `

alter table flow.run add column frozen_undoing boolean;
grant update (frozen_undoing) on flow.run to fb_worker;
`
