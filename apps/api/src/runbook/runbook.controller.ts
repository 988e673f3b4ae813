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

  @Get()
  @Needs('runbook.read')
  @Answers('The pages of the runbook, with the recipes that carry them out.', RunbookIndex)
  pages() {
    return this.runbook.pages()
  }

  @Get(':page')
  @Needs('runbook.read')
  @Answers('One page, as Markdown.', RunbookPage)
  page(@Param('page') page: string) {
    return this.runbook.page(page)
  }
}
