import assert from "node:assert/strict";
import type { Case } from "./corpus.ts";
import { see, type Seen, type Twins } from "./twins.ts";

/**
 * In what the fast path may differ from the stock handler, each with its reason. `explains` says whether a difference is this
 * one; a test holds that each is still there. There is none: what is left out of the comparison are the header `date`,
 * the times in records, and how an answer is cut into DATA frames.
 */
export const allowedDifferences: readonly {
  readonly what: string;
  readonly why: string;
  readonly explains: (one: Case, fast: Seen, stock: Seen) => boolean;
}[] = [];

/** The allowed differences that were seen so far. */
export const seenDifferences = new Set<string>();

/** Has the same talk with both twins, and asserts that nothing tells them apart. Returns what was seen. */
export async function compare(
  twins: Twins,
  one: Case,
  over: "cleartext" | "tls" = "cleartext",
): Promise<Seen> {
  const fast = await see(twins.fast, one, over);
  const stock = await see(twins.stock, one, over);
  const allowed = allowedDifferences.find(({ explains }) => explains(one, fast, stock));
  if (allowed !== undefined) seenDifferences.add(allowed.what);
  else assert.deepEqual(fast, stock, one.name);
  return fast;
}
