import { Refused } from '@firebreak/flow'
import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { CONFIG, type Config } from '../config.js'
import { headersFor } from '@firebreak/page'
import { Needs } from '../http/needs.js'
import { token } from '../http/plain.js'
import { setSession } from './cookies.js'
import type { Leaving, Provider } from './provider.js'
import { Sessions } from './sessions.js'

export const PROVIDER = token<Provider | undefined>('provider')

const COOKIE = 'fb_sign_in'
const PATH = '/v1/sign-in'
const MINUTES = 10

/** A path of our own page; anything else would send people elsewhere with our good name. */
const OWN_PATH = /^\/(?![/\\])[\w\-./?=&%~:,+@]*$/
const SignIn = z.strictObject({ to: z.string().max(1000).default('/') })

const leavingSchema = z.strictObject({ state: z.string(), nonce: z.string(), verifier: z.string(), to: z.string() })

/** People sign in at the identity provider of the house, and come back. */
@ApiTags('people')
@Controller(PATH.slice(1))
export class SignInController {
  constructor(
    @Inject(PROVIDER) private readonly provider: Provider | undefined,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(CONFIG) private readonly config: Pick<Config, 'secure'>,
  ) {}

  @Get()
  @Needs('session.begin')
  @ApiOperation({ summary: 'Sends the browser to the identity provider. `to` is the page to come back to.' })
  async leave(
    @Query({ schema: SignIn }) { to }: z.infer<typeof SignIn>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { url, leaving } = await this.there().leave(OWN_PATH.test(to) ? to : '/')
    // Lax: it has to come along when the provider sends the browser back, and with no other visit from elsewhere.
    void reply.setCookie(COOKIE, Buffer.from(JSON.stringify(leaving)).toString('base64url'), {
      ...{ path: PATH, httpOnly: true, sameSite: 'lax', secure: this.config.secure, maxAge: MINUTES * 60 },
    })
    void reply.status(302).header('location', url)
  }

  @Get('callback')
  @Needs('session.begin')
  @ApiOperation({ summary: 'Where the identity provider sends the browser back to: opens the session.' })
  async arrive(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const leaving = leavingIn(request.cookies[COOKIE])
    // Good for one try, whatever comes of it.
    void reply.clearCookie(COOKIE, { path: PATH })
    if (!leaving) throw new Refused('not-signed-in', 'This sign-in was not begun here, or took too long. Begin again.')
    const identity = await this.there().arrive(request.url.split('?')[1] ?? '', leaving)
    setSession(reply, await this.sessions.openKnown(identity, request), this.config)
    void reply.headers(headersFor('bridge')).type('text/html; charset=utf-8')
    return bridge(OWN_PATH.test(leaving.to) ? leaving.to : '/')
  }

  private there(): Provider {
    if (this.provider) return this.provider
    throw new Refused('not-found', 'No identity provider is set up here: FIREBREAK_OIDC_ISSUER names one.')
  }
}

function leavingIn(cookie: string | undefined): Leaving | undefined {
  try {
    return leavingSchema.parse(JSON.parse(Buffer.from(cookie ?? '', 'base64url').toString()))
  } catch {
    return undefined
  }
}

/**
 * A Strict cookie is not sent while the browser is still on its way from another site, so a redirect would arrive signed
 * out. This page is ours already; from here on the browser comes from our own.
 */
const bridge = (to: string): string => {
  const safe = to.replaceAll('&', '&amp;')
  return `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${safe}"><title>Firebreak</title><a href="${safe}">You are signed in: go on</a>`
}
