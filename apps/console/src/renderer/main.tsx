import { nonce } from './nonce.js'
import { MantineProvider } from '@mantine/core'
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './ui/mantine.css'
import './ui/tokens.css'
import './ui/base.css'
import { meQuery } from './api/identity.js'
import { isRefusal, Refusal } from './api/problem.js'
import { transport } from './api/transport.js'
import { attach } from './host/attach.js'
import { host } from './host/host.js'
import { newRouter } from './routes.js'
import { keepContrast, schemeManager } from './ui/appearance.js'

// `npm run dev` and the demo: no backend at all. The whole branch is gone from a build for anybody's use.
if (import.meta.env.MODE === 'demo' || (import.meta.env.DEV && import.meta.env.MODE !== 'api')) {
  const { inPage } = await import('../../mock-api/in-page.js')
  Object.assign(transport, inPage())
}

keepContrast()

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    // A session that has ended is noticed by whatever asks first; who one is then is asked at once.
    onError: (error, { queryKey }) => {
      if (queryKey[0] !== meQuery.queryKey[0] && isRefusal(error, 401))
        void queries.invalidateQueries({ queryKey: meQuery.queryKey })
    },
  }),
  defaultOptions: {
    queries: {
      // The API may be on this very device: whether there is a network says nothing of it.
      networkMode: 'always',
      staleTime: 10_000,
      // A "no" is an answer; only silence and trouble on the other side are asked again.
      retry: (failures, error) => {
        const status = error instanceof Refusal ? error.problem.status : 0
        return failures < 3 && (status === 0 || status >= 500)
      },
      retryDelay: (failures) => Math.min(4_000, 500 * 2 ** failures),
    },
    mutations: { retry: false, networkMode: 'always' },
  },
})

const router = newRouter(queries)
if (host) attach(host, queries, (path) => router.history.push(path))

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      {/* Variables and classes are static files: style elements would break the policy of the page. */}
      <MantineProvider
        defaultColorScheme="auto"
        colorSchemeManager={schemeManager}
        withCssVariables={false}
        withGlobalClasses={false}
        getStyleNonce={() => nonce}
      >
        <RouterProvider router={router} />
      </MantineProvider>
    </QueryClientProvider>
  </StrictMode>,
)
