import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { z } from 'zod'
import { ShownOnce } from '../http/idempotency.js'
import { By, Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import { ApiKeysReadModel } from './api-keys.read-model.js'
import { ApiKeyPage, ApiKeyQuery, MadeApiKey, NewApiKey } from './api-keys.schema.js'
import { ApiKeys } from './api-keys.js'
import type { Caller } from './callers.js'

@ApiTags('people')
@Controller('v1/api-keys')
export class ApiKeysController {
  constructor(
    @Inject(ApiKeys) private readonly keys: ApiKeys,
    @Inject(ApiKeysReadModel) private readonly screens: ApiKeysReadModel,
  ) {}

  @Get()
  @Needs('key.read')
  @Answers('Your keys, newest first; those of somebody else for whoever looks after keys.', ApiKeyPage)
  list(@By() by: Caller, @Query({ schema: ApiKeyQuery }) query: z.infer<typeof ApiKeyQuery>) {
    return this.screens.page(query, by)
  }

  @Post()
  @Needs('key.make')
  @ShownOnce('secret')
  @Answers('Makes a key. Its secret stands in this answer and nowhere else.', MadeApiKey, 201)
  async make(@By() by: Caller, @Body({ schema: NewApiKey }) wish: z.infer<typeof NewApiKey>) {
    const { id, secret } = await this.keys.make(by, wish)
    return { key: await this.screens.one(id, by), secret }
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Takes a key back: the next request that brings it is refused.' })
  @Needs('key.revoke')
  async revoke(@By() by: Caller, @Param('id') id: string): Promise<void> {
    await this.keys.revoke(by, id)
  }
}
