import { Body, Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { CONFIG, type Config } from '../config.js'
import { By, Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import { mayAll } from '../http/rights.js'
import { Callers, SESSION_COOKIE, type Caller } from './callers.js'
import { cast } from './cast.js'
import { Me, SeededPeople, SeededSignIn } from './people.schema.js'
import { setSession } from './cookies.js'
import { Sessions } from './sessions.js'

@ApiTags('people')
@Controller('v1')
export class PeopleController {
  constructor(
    @Inject(Callers) private readonly callers: Callers,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(CONFIG) private readonly config: Pick<Config, 'mode'>,
  ) {}

  @Get('me')
  @Needs('self.read')
  @Answers('Who you are here, and as what.', Me)
  me(@By() by: Caller) {
    return meOf(by, this.config)
  }

  @Post('sign-out')
  @HttpCode(204)
  @ApiOperation({ summary: 'Ends the session of the cookie. Without one, nothing.' })
  @Needs('session.end')
  async signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const proof = this.callers.proofIn(request)
    if (proof?.kind === 'session') await this.sessions.close(proof, request)
    void reply.clearCookie(SESSION_COOKIE, { path: '/' })
  }
}

/** Only in sandbox mode: elsewhere these routes do not exist. */
@ApiTags('people')
@Controller('v1')
export class SeededController {
  constructor(
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(CONFIG) private readonly config: Pick<Config, 'mode' | 'secure'>,
  ) {}

  @Get('people/seeded')
  @Needs('seeded.sign-in')
  @Answers('The people of the sandbox.', SeededPeople)
  seeded() {
    return { people: [...cast] }
  }

  @Post('sign-in/seeded')
  @HttpCode(200)
  @Needs('seeded.sign-in')
  @Answers('Signs in as one of them: sets the session cookie.', Me)
  async signIn(
    @Body({ schema: SeededSignIn }) { person }: z.infer<typeof SeededSignIn>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const opened = await this.sessions.openSeeded(person, request)
    setSession(reply, opened, this.config)
    return meOf(opened.caller, this.config)
  }
}

const meOf = (by: Caller, { mode }: Pick<Config, 'mode'>) => {
  const { id, name, kind, roles } = by
  return { id, name, kind, roles, mode, may: mayAll(by) }
}
