import { Button } from '@mantine/core'
import list from './list.module.css'

interface Paged {
  hasNextPage: boolean
  isFetchingNextPage: boolean
  isFetchNextPageError: boolean
  fetchNextPage(): Promise<unknown>
}

/** The end of a list that comes in pages, the newest first: more of it, or that there is no more. */
export function Older({ query, empty }: { query: Paged; empty: boolean }) {
  if (query.hasNextPage)
    return (
      <p className={list.more}>
        <Button
          size="compact-sm"
          variant="default"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {query.isFetchNextPageError ? 'Show older: try again' : 'Show older'}
        </Button>
      </p>
    )
  return empty ? null : <p className={list.more}>There are no older ones.</p>
}
