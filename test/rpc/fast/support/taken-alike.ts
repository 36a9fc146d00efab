import assert from "node:assert/strict";
import type { FakeCredentials } from "../../support/fake-credentials.ts";
import { compare } from "./compare.ts";
import type { Case } from "./make-case.ts";
import type { Seen, Twins } from "./twins.ts";

/**
 * Compares both twins, which share the books: what each writes is one half of them. Asserts that the fast path took the call,
 * and that neither wrote anything that the other one did not.
 */
export async function takenAlike(twins: Twins, fake: FakeCredentials, one: Case): Promise<Seen> {
  const { counts } = twins.fast.rpc.fastPath;
  const before = counts.taken;
  [fake.used.length, fake.denied.length] = [0, 0];
  const seen = await compare(twins, one);
  assert.equal(counts.taken, before + 1, one.name);
  for (const books of [fake.used, fake.denied]) {
    const half = books.length / 2;
    assert.deepEqual(books.slice(0, half), books.slice(half), one.name);
  }
  return seen;
}
