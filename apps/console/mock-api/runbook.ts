import type { RunbookPage } from '../src/renderer/api/view.js'
import type { Noun } from './noun.js'
import { No } from './refuse.js'

/*
 * A short runbook that has everything the real one has: tables, lists in lists, commands, links between pages; and one page
 * that somebody filled with what no page should hold.
 */

const fence = '```'

const pages: readonly RunbookPage[] = [
  {
    ...{ page: 'batch-failures', title: 'Batch failures', recipes: ['requeue-failed-jobs', 'rehydrate-inputs'] },
    markdown: `---
class: batch-failures
title: Batch failures
owner: sre
---

# Batch failures

## Meaning

Batch jobs fail, or fail so often that they give up. Usual causes: a pointer to an input that is wrong, or an input that is
no longer there ([storage](storage-errors.md)).

## Diagnosis

By hand:

${fence}sh
NS=prod
redis-cli -u "$TARGET_REDIS_URL" zcard bull:documents:failed
${fence}

1. What failed? The failed set says:

   ${fence}sh
   redis-cli -u "$TARGET_REDIS_URL" zrevrange bull:documents:failed 0 9
   ${fence}

2. Why? **Read the logs of each kind**, not of each job.
   - Pods of a failed Job may be gone.
   - Then the log system has them.

## Mitigation

| you found                                 | do                              |
| ----------------------------------------- | ------------------------------- |
| the cause is over (a dependency was down) | \`requeue-failed-jobs\`           |
| an input that is missing                  | \`rehydrate-inputs\`, then queue  |

### Queue again: \`requeue-failed-jobs\` (ready)

Nothing is made twice. See [contacts](runbook.md#contacts), and the [queue's own page](https://example.org/bull).
`,
  },
  {
    ...{ page: 'hostile', title: '<img src=x onerror=alert(1)>', recipes: [] },
    markdown: `# <img src=x onerror=alert(1)>

<script>document.title = 'taken'</script>

<img src=x onerror="document.title = 'taken'">

[a link](javascript:document.title='taken') and [another](data:text/html,<script>alert(1)</script>) and ![a picture](x.png "y")

[one that leaves](//evil.example/x.md) <a href="https://evil.example" onclick="alert(1)">click</a>

| a <b>b</b> | c |
| --- | --- |
| <svg onload=alert(1)> | \`<i>\` |
`,
  },
  {
    ...{ page: 'runbook', title: 'Runbook', recipes: [] },
    markdown: `---
title: Runbook
owner: sre
---

# Runbook

## Purpose

This book is for whoever is on call. It takes you from "something is wrong" to "it is repaired".

## Contacts

Names and numbers go out of date; the pager does not. Page the role.

| role     | reach them by                    | call them for                     |
| -------- | -------------------------------- | --------------------------------- |
| SRE      | the pager rotation               | everything that is slow           |
| Security | the incident line, at any hour   | data that may have left           |
`,
  },
  {
    ...{ page: 'storage-errors', title: 'Storage errors', recipes: ['restore-object'] },
    markdown: '# Storage errors\n\n## Meaning\n\nObjects cannot be read or written.\n',
  },
]

export const runbook: Noun = {
  routes: () => ({
    'GET /v1/runbook': () => ({ items: pages.map(({ page, title, recipes }) => ({ page, title, recipes })) }),
    'GET /v1/runbook/{page}': ({ at }) => {
      const found = pages.find(({ page }) => page === at('page'))
      if (!found) throw new No(404, 'not-found', `The runbook has no page ${at('page')}.`)
      return found
    },
  }),
}
