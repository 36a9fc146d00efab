import { invalidField } from "../../domain/errors.ts";

/**
 * The first of the pools of a question about several. Throws INVALID_FIELD, whoever asks, when there is
 * none: "every one of no pools" must permit nothing.
 */
export function firstPool(pools: readonly string[]): string {
  const [first] = pools;
  if (first === undefined) throw invalidField("pools", "must name at least one pool");
  return first;
}
