/**
 * A type of `@grafana/schema` with its string enums as plain texts and everything read-only: the package is used for
 * its types alone, so its enum objects are not there at run time.
 */
export type Plain<T> = T extends string ? `${T}`
  : T extends number | boolean | null | undefined ? T
  : T extends readonly (infer U)[] ? readonly Plain<U>[]
  : { readonly [K in keyof T]: Plain<T[K]> };
