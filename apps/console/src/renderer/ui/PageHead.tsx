import type { ReactNode } from 'react'
import { Heading } from './Heading.js'
import css from './PageHead.module.css'

/** The head of a page: its name, and beside it the filters of its list, or what else one needs at once. */
export const PageHead = ({ title, children }: { title: ReactNode; children?: ReactNode }) => (
  <div className={css.head}>
    <Heading>{title}</Heading>
    {children}
  </div>
)

/** Links to the same list through other filters. The one that holds has `aria-current`. */
export const Filters = ({ label, children }: { label: string; children: ReactNode }) => (
  <nav aria-label={label} className={css.filters}>
    {children}
  </nav>
)
