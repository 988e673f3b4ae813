/*
 * The scripts of the runbook's pages come when they are opened, like those of any page, and before that when somebody has
 * signed in: when the API is down, whoever serves scripts may be down with it.
 */
export const indexPage = () => import('./RunbookIndexPage.js')
export const onePage = () => import('./RunbookPage.js')

export const fetchRunbookScripts = (): Promise<unknown> => Promise.all([indexPage(), onePage()])
