import type { Reporter, TestCase } from 'vitest/node'

/** What a test says when it skips itself; vitest's JSON leaves it out, but for what a test keeps in its `meta`. */
export default class SkipReasons implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const result = test.result()
    if (result.state === 'skipped' && result.note) Object.assign(test.meta(), { skipped: result.note })
  }
}
