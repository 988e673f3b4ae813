import { Controller, Get, Inject, Param } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import { RunbookIndex, RunbookPage } from './runbook.schema.js'
import { Runbook } from './runbook.js'

@ApiTags('runbook')
@Controller('v1/runbook')
export class RunbookController {
  constructor(@Inject(Runbook) private readonly runbook: Runbook) {}

  /** The pages of the runbook, with the recipes that carry them out. */
  @Get()
  @Needs('runbook.read')
  @Answers(RunbookIndex)
  pages() {
    return this.runbook.pages()
  }

  /** One page, as Markdown. */
  @Get(':page')
  @Needs('runbook.read')
  @Answers(RunbookPage)
  page(@Param('page') page: string) {
    return this.runbook.page(page)
  }
}
