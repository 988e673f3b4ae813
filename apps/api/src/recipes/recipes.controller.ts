import { Controller, Get, Inject, Param } from '@nestjs/common'
import { ApiTags } from '@nestjs/swagger'
import { Needs } from '../http/needs.js'
import { Answers } from '../http/reading.js'
import { RecipesReadModel } from './recipes.read-model.js'
import { RecipePage, RecipeView } from './recipes.schema.js'

@ApiTags('recipes')
@Controller('v1/recipes')
export class RecipesController {
  constructor(@Inject(RecipesReadModel) private readonly screens: RecipesReadModel) {}

  /** Every recipe, with its parameters as JSON Schema and its record. */
  @Get()
  @Needs('recipe.read')
  @Answers(RecipePage)
  list() {
    return this.screens.page()
  }

  /** One recipe. */
  @Get(':id')
  @Needs('recipe.read')
  @Answers(RecipeView)
  one(@Param('id') id: string) {
    return this.screens.one(id)
  }
}
