import { Graduations } from '@firebreak/flow'
import { Body, Controller, Get, Inject, Param, Post } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import type { z } from 'zod'
import { By, Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import type { Caller } from '../people/callers.js'
import { GraduationsReadModel } from './graduations.read-model.js'
import { RecipesReadModel } from './recipes.read-model.js'
import { GraduationsView, GraduationView, NewGraduation, RecipePage, RecipeView } from './recipes.schema.js'

@ApiTags('recipes')
@Controller('v1/recipes')
export class RecipesController {
  constructor(
    @Inject(RecipesReadModel) private readonly screens: RecipesReadModel,
    @Inject(Graduations) private readonly graduations: Graduations,
    @Inject(GraduationsReadModel) private readonly decided: GraduationsReadModel,
  ) {}

  @Get()
  @Needs('recipe.read')
  @Answers('Every recipe, with its parameters as JSON Schema and its record.', RecipePage)
  list(@By() by: Caller) {
    return this.screens.page(by)
  }

  @Get(':id')
  @Needs('recipe.read')
  @Answers('One recipe.', RecipeView)
  one(@By() by: Caller, @Param('id') id: string) {
    return this.screens.one(id, by)
  }

  @Get(':id/graduations')
  @Needs('recipe.read')
  @Answers(
    'How far this recipe may go by itself, what its version has come to, and who decided what so far.',
    GraduationsView,
  )
  stages(@By() by: Caller, @Param('id') id: string) {
    return this.decided.of(id, by)
  }

  @Post(':id/graduations')
  @Needs('recipe.graduate')
  @Answers(
    'Moves the recipe to another stage: up one at a time and by its record, down at once. Its record stands in the decision.',
    GraduationView,
    201,
  )
  async graduate(
    @By() by: Caller,
    @Param('id') id: string,
    @Body({ schema: NewGraduation }) wish: z.infer<typeof NewGraduation>,
  ) {
    return this.decided.shown(await this.graduations.decide(by, id, wish))
  }
}
