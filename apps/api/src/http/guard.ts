import { Refused } from '@firebreak/flow'
import { Inject, type CanActivate, type ExecutionContext, type OnApplicationBootstrap } from '@nestjs/common'
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core'
import { Callers } from '../people/callers.js'
import { knownActor } from './following.js'
import { RIGHT, type Admitted } from './needs.js'
import { refuseOtherSites } from './origin.js'
import { Rates } from './rates.js'
import { mayBy, rights, type Right } from './rights.js'

/** The one door: who is it, may they. Refuses to start over a route that names no right. */
export class Guard implements CanActivate, OnApplicationBootstrap {
  constructor(
    @Inject(Callers) private readonly callers: Callers,
    @Inject(Rates) private readonly rates: Pick<Rates, 'take' | 'takeFrom'>,
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Admitted>()
    const right = this.reflector.get<Right | undefined>(RIGHT, context.getHandler())
    if (!right) throw new Error(`${context.getClass().name}.${context.getHandler().name} names no right`)
    const anyone = rights[right] === 'anyone'
    const proof = this.callers.proofIn(request)
    // A browser sends the cookie by itself, so another site's page could write with it: only our own page may.
    refuseOtherSites(request, proof?.kind === 'session')
    if (anyone) this.rates.takeFrom(right, request.ip)
    if (anyone) return true

    const caller = proof && (await this.callers.of(proof, request.id, request.ip))
    if (!caller) {
      this.rates.takeFrom(right, request.ip)
      throw new Refused(
        'not-signed-in',
        proof
          ? 'This key or session is not known, or its time is over.'
          : 'Sign in, or send "Authorization: Bearer fbk_…".',
      )
    }
    // Before the answer: whoever is refused is told of by name.
    request.caller = caller
    knownActor(caller.id)
    this.rates.take(right, caller)
    const may = mayBy(right, caller)
    if (!may.ok) throw new Refused(may.code ?? 'not-your-role', may.reason ?? '')
    return true
  }

  onApplicationBootstrap(): void {
    const open = routesOf(this.discovery).filter(
      ({ handler }) => this.reflector.get<unknown>(RIGHT, handler) === undefined,
    )
    if (open.length > 0)
      throw new Error(`These routes name no right: ${open.map(({ name }) => name).join(', ')}. Put @Needs(…) on them.`)
  }
}

/** Every method of every controller that is a route. */
export function routesOf(discovery: DiscoveryService): { name: string; handler: (...args: never[]) => unknown }[] {
  return discovery.getControllers().flatMap(({ metatype, instance }) => {
    const prototype = Object.getPrototypeOf(instance as object) as Record<string, (...args: never[]) => unknown>
    return new MetadataScanner()
      .getAllMethodNames(prototype)
      .map((method) => ({ name: `${metatype?.name}.${method}`, handler: prototype[method]! }))
      .filter(({ handler }) => Reflect.hasMetadata('path', handler))
  })
}
