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

  @Get()
  @Needs('recipe.read')
  @Answers('Every recipe, with its parameters as JSON Schema and its record.', RecipePage)
  list() {
    return this.screens.page()
  }

  @Get(':id')
  @Needs('recipe.read')
  @Answers('One recipe.', RecipeView)
  one(@Param('id') id: string) {
    return this.screens.one(id)
  }
}
