import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { isRefusal } from '../../api/problem.js'
import { meQuery, seededQuery, signInAs } from '../../api/identity.js'
import { host } from '../../host/host.js'
import { HostSignIn } from '../../host/HostSignIn.js'
import { Loaded } from '../../ui/Pane.js'
import { ProblemNote } from '../../ui/ProblemNote.js'
import css from './SignInPage.module.css'

/** Who are you? The page that was asked for stays in the address. */
export function SignInPage() {
  return (
    <main className={css.page}>
      <h1>Firebreak</h1>
      <SignIn />
    </main>
  )
}

/** In the sandbox: pick one of its people. Outside it, the identity provider of the house. */
export function SignIn() {
  const seeded = useQuery({ ...seededQuery, retry: false })
  const queries = useQueryClient()
  const signIn = useMutation({
    mutationFn: (person: string) => signInAs(person),
    onSuccess: (me) => {
      const before = queries.getQueryData(meQuery.queryKey)
      // What somebody else was shown here, and what they might do, is not this person's: an empty page.
      if (before !== undefined && before.id !== me.id) return location.reload()
      queries.setQueryData(meQuery.queryKey, me)
      return queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== meQuery.queryKey[0] })
    },
  })
  // Outside the sandbox the route does not exist.
  const sandbox = !isRefusal(seeded.error, 404)

  return (
    <>
      {!sandbox ? (
        <>
          <p>You are not signed in.</p>
          {host ? (
            <HostSignIn host={host} />
          ) : (
            <p>
              <a href={`/v1/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`}>
                Sign in through the identity provider of the house
              </a>
            </p>
          )}
          <p>
            Whoever runs Firebreak here sets it up. Tools send an API key: <code>Authorization: Bearer fbk_…</code>
          </p>
        </>
      ) : (
        <>
          <p>
            This is the <strong>sandbox</strong>. Sign in as one of its people; what each may do differs by role.
          </p>
          {signIn.error ? <ProblemNote error={signIn.error} what="Could not sign in" /> : null}
          <Loaded query={seeded} what="the people of the sandbox" rows={6}>
            {({ people }) => (
              <ul className={css.people}>
                {people
                  .filter(({ kind }) => kind === 'person')
                  .map((person) => (
                    <li key={person.id}>
                      <Button
                        variant="default"
                        fullWidth
                        justify="space-between"
                        rightSection={<span className={css.roles}>{person.roles.join(', ')}</span>}
                        loading={signIn.isPending && signIn.variables === person.id}
                        onClick={() => signIn.mutate(person.id)}
                      >
                        {person.name}
                      </Button>
                    </li>
                  ))}
              </ul>
            )}
          </Loaded>
        </>
      )}
    </>
  )
}
