export { withFolder } from './folder.js'
export { recipeJsonSchema } from './format.js'
export { readNames, reads } from './reads.js'
export { readRecipe } from './recipe.js'
