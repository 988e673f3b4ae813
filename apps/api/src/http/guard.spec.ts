import { Controller, Get } from '@nestjs/common'
import { APP_GUARD, DiscoveryModule } from '@nestjs/core'
import { Test } from '@nestjs/testing'
import { expect, test } from 'vitest'
import { Callers } from '../people/callers.js'
import { Guard } from './guard.js'
import { Needs } from './needs.js'
import { Rates } from './rates.js'

@Controller('clothed')
class Clothed {
  @Get()
  @Needs('self.read')
  read() {}
}

@Controller('naked')
class Naked {
  @Get()
  read() {}

  notARoute() {}
}

const appWith = async (...controllers: (new () => object)[]) => {
  const providers = [
    { provide: Callers, useValue: {} },
    { provide: Rates, useValue: {} },
    { provide: APP_GUARD, useClass: Guard },
  ]
  const module = await Test.createTestingModule({ imports: [DiscoveryModule], controllers, providers }).compile()
  return module.init()
}

test('an app whose every route names a right starts', async () => {
  await (await appWith(Clothed)).close()
})

test('an app with a route that names none refuses to start, and says which', async () => {
  await expect(appWith(Clothed, Naked)).rejects.toThrow(
    'These routes name no right: Naked.read. Put @Needs(…) on them.',
  )
})
