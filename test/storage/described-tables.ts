type Described = `${string} ${"null" | "not null"}`;

/** Each table of a schema with the type of each column: that none is missing is forced by the type. */
export type DescribedTables<Tables> = {
  readonly [T in keyof Tables]: { readonly [C in keyof Tables[T]]: Described };
};
