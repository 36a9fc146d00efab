import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { Case } from "./make-case.ts";
import { see, type Seen, type Twins } from "./twins.ts";

interface Difference {
  readonly what: string;
  readonly why: string;
  /** Whether a difference is this one. */
  readonly explains: (one: Case, fast: Seen, stock: Seen) => boolean;
}

/**
 * In what the fast path may differ from the stock handler, each with its reason; a test holds that each is still there.
 * Left out of the comparison are the header `date`, the times in records, and how an answer is cut into DATA frames.
 */
export const allowedDifferences: readonly Difference[] = [
  {
    what: "the record of a call of gRPC that is cut off after a message that cannot be read",
    why: "The stock handler parses the message when it has come, the fast path when the body has. Nobody gets an answer.",
    explains: (one, fast, stock) =>
      one.headers["content-type"]?.toString().startsWith("application/grpc") === true &&
      fast.headers.length === 0 &&
      isDeepStrictEqual({ ...fast, records: [] }, { ...stock, records: [] }) &&
      fast.records.length === stock.records.length &&
      fast.records.every((record) => (record as { code: string }).code === "canceled") &&
      stock.records.every((record) => (record as { code: string }).code !== "ok"),
  },
];

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
  if (isDeepStrictEqual(fast, stock)) return fast;
  const allowed = allowedDifferences.find(({ explains }) => explains(one, fast, stock));
  if (allowed === undefined) assert.deepEqual(fast, stock, one.name);
  else seenDifferences.add(allowed.what);
  return fast;
}
