declare const brand: unique symbol;

/** A value that only its own parser may make: the tag exists at compile time alone. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
