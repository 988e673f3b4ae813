import type { Abstract, FactoryProvider, Type } from '@nestjs/common'

/** The name under which Nest finds something that has no class. It carries the type of the thing. */
export type Token<T> = symbol & { readonly of?: T }
export const token = <T>(name: string): Token<T> => Symbol(name)

type TokenOf<T> = Type<T> | Abstract<T> | Token<T>
type TokensOf<Parameters extends unknown[]> = { [At in keyof Parameters]: TokenOf<Parameters[At]> }

/** Tells Nest about a plain class of ours: what its constructor takes, in order. Wrong tokens do not compile. */
export const plain = <Class extends new (...args: never[]) => object>(
  made: Class,
  ...tokens: TokensOf<ConstructorParameters<Class>>
): FactoryProvider => ({
  provide: made,
  inject: [...(tokens as unknown as symbol[])],
  useFactory: (...args: unknown[]) => new made(...(args as never[])),
})
