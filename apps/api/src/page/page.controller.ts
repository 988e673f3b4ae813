import { Refused } from '@firebreak/flow'
import { Controller, Get, Inject, Req, Res } from '@nestjs/common'
import { ApiExcludeController } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { randomBytes } from 'node:crypto'
import { headersFor } from '@firebreak/page'
import { Needs } from '../http/needs.js'
import { Page } from './page.js'

/** Every path that is nobody else's is the page's: its routes are paths, not hashes. */
@ApiExcludeController()
@Controller()
export class PageController {
  constructor(@Inject(Page) private readonly page: Page) {}

  @Get(['/', '*'])
  @Needs('page.load')
  async load(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const path = request.url.split('?')[0] ?? ''
    // A file that is not there is no page, and an unknown route of the API is none either.
    if (/^\/v\d+(\/|$)/.test(path) || /\.\w{1,8}$/.test(path))
      throw new Refused('not-found', `There is nothing at GET ${path.slice(0, 200)}.`)
    const nonce = randomBytes(16).toString('base64')
    const html = await this.page.html(nonce)
    void reply.headers(headersFor('page', nonce)).type('text/html; charset=utf-8')
    return html
  }
}
