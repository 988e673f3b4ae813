/** By whom else a person is known: the identity provider of the house, and what it calls them. */
export const identities = /* sql */ `

alter table flow.person
  add column issuer  text,
  add column subject text,
  add constraint person_identity check ((issuer is null) = (subject is null)),
  -- Two first sign-ins at once make one person.
  add constraint person_known_as unique (issuer, subject);
`
