import { QuietWindows } from '@firebreak/flow'
import { Body, Controller, Delete, Get, Inject, Param, Post, Query } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import type { z } from 'zod'
import { By, Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import type { Caller } from '../people/callers.js'
import { QuietWindowsReadModel } from './quiet-windows.read-model.js'
import {
  CancelQuietWindow,
  NewQuietWindow,
  QuietWindowPage,
  QuietWindowQuery,
  QuietWindowView,
} from './quiet-windows.schema.js'

@ApiTags('quiet windows')
@Controller('v1/quiet-windows')
export class QuietWindowsController {
  constructor(
    @Inject(QuietWindows) private readonly windows: QuietWindows,
    @Inject(QuietWindowsReadModel) private readonly screens: QuietWindowsReadModel,
  ) {}

  @Post()
  @Needs('quiet.declare')
  @Answers(
    'Declares a time in which planned work waits. Plans for an incident pass, one tier higher; it ends by itself.',
    QuietWindowView,
    201,
  )
  async declare(@By() by: Caller, @Body({ schema: NewQuietWindow }) wish: z.infer<typeof NewQuietWindow>) {
    const { id } = await this.windows.declare(by, wish)
    return this.screens.one(id, by)
  }

  @Get()
  @Needs('quiet.read')
  @Answers('Quiet windows, newest first.', QuietWindowPage)
  list(@By() by: Caller, @Query({ schema: QuietWindowQuery }) query: z.infer<typeof QuietWindowQuery>) {
    return this.screens.page(query, by)
  }

  @Get(':id')
  @Needs('quiet.read')
  @Answers('One quiet window.', QuietWindowView)
  one(@By() by: Caller, @Param('id') id: string) {
    return this.screens.one(id, by)
  }

  @Delete(':id')
  @Needs('quiet.cancel')
  @Answers('Cancels one that has not begun. One that is open ends by itself.', QuietWindowView)
  async cancel(
    @By() by: Caller,
    @Param('id') id: string,
    @Query({ schema: CancelQuietWindow }) { reason }: z.infer<typeof CancelQuietWindow>,
  ) {
    await this.windows.cancel(by, id, reason)
    return this.screens.one(id, by)
  }
}
