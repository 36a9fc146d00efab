import { types, type CustomTypesConfig } from "pg";

type Parse = (text: string) => unknown;

const parsers: ReadonlyMap<number, Parse> = new Map<number, Parse>([
  [types.builtins.INT8, BigInt],
  // A bytea comes as "\\x" and hexadecimal digits. A plain Uint8Array, as the embedded database gives.
  [types.builtins.BYTEA, (text) => new Uint8Array(Buffer.from(text.slice(2), "hex"))],
]);

/** How values from Postgres become JavaScript's: int8 a bigint, bytea a Uint8Array, the rest as pg does. */
export const typeParsers: CustomTypesConfig = {
  getTypeParser: (id, format) =>
    (format === "binary" ? undefined : parsers.get(id)) ?? (types.getTypeParser(id) as Parse),
};
