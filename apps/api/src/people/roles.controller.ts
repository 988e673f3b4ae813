import { Refused, Roles } from '@firebreak/flow'
import { Body, Controller, Delete, Get, Inject, Param, Post, Query } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { z } from 'zod'
import { CONFIG, type Config } from '../config.js'
import { By, Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import type { Caller } from './callers.js'
import { PeopleReadModel } from './people.read-model.js'
import { GrantRole, NewService, PeopleQuery, PersonPage, PersonView, RevokeRole, SomeRole } from './people.schema.js'

@ApiTags('people')
@Controller('v1/people')
export class RolesController {
  constructor(
    @Inject(Roles) private readonly roles: Roles,
    @Inject(PeopleReadModel) private readonly screens: PeopleReadModel,
    @Inject(CONFIG) private readonly config: Pick<Config, 'oidc'>,
  ) {}

  @Get()
  @Needs('person.read')
  @Answers('Everybody who has signed in and every service, with their roles.', PersonPage)
  list(@By() by: Caller, @Query({ schema: PeopleQuery }) query: z.infer<typeof PeopleQuery>) {
    return this.screens.page(query, by)
  }

  @Post()
  @Needs('service.add')
  @Answers('Adds a service. People add themselves by signing in.', PersonView, 201)
  async add(@By() by: Caller, @Body({ schema: NewService }) { name, subject }: z.infer<typeof NewService>) {
    const issuer = this.config.oidc?.issuer
    if (subject !== undefined && issuer === undefined)
      throw new Refused('malformed', 'No identity provider is set up here that could know it.', [
        { pointer: '/subject', message: 'expected nothing, or FIREBREAK_OIDC_ISSUER' },
      ])
    const identity = subject === undefined ? undefined : { issuer: issuer!, subject }
    return this.screens.one(await this.roles.addService(by, { name, identity }), by)
  }

  @Post(':id/roles')
  @Needs('role.grant')
  @Answers('Gives somebody a role, from now on. Nobody gives themselves one.', PersonView, 201)
  async grant(
    @By() by: Caller,
    @Param('id') id: string,
    @Body({ schema: GrantRole }) { role, reason }: z.infer<typeof GrantRole>,
  ) {
    await this.roles.grant(by, id, role, reason)
    return this.screens.one(id, by)
  }

  @Delete(':id/roles/:role')
  @Needs('role.revoke')
  @Answers('Takes a role back: the next request of whoever had it goes without.', PersonView)
  async revoke(
    @By() by: Caller,
    @Param('id') id: string,
    @Param('role', { schema: SomeRole }) role: z.infer<typeof SomeRole>,
    @Query({ schema: RevokeRole }) { reason }: z.infer<typeof RevokeRole>,
  ) {
    await this.roles.revoke(by, id, role, reason)
    return this.screens.one(id, by)
  }
}
