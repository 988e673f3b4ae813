import type { FastifyReply } from 'fastify'
import { SESSION_COOKIE } from './callers.js'
import { SESSION_HOURS } from './sessions.js'

/** Gives the browser its session: out of reach of scripts, never sent with what another site asks for. */
export function setSession(reply: FastifyReply, { secret }: { secret: string }, { secure }: { secure: boolean }): void {
  void reply.setCookie(SESSION_COOKIE, secret, {
    ...{ path: '/', httpOnly: true, sameSite: 'strict', secure, maxAge: SESSION_HOURS * 3600 },
  })
}
