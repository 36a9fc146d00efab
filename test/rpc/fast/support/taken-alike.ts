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
  const half = fake.used.length / 2;
  const used = [fake.used.slice(0, half), fake.used.slice(half)].map((uses, index) => {
    const [record] = (index === 0 ? twins.fast : twins.stock).records;
    return uses.map(({ requestId, ...rest }) => ({
      ...rest,
      isOfCall: requestId === record?.requestId,
    }));
  });
  assert.deepEqual(used[0], used[1], one.name);
  assert.ok(
    used[0]?.every(({ isOfCall }) => isOfCall),
    one.name,
  );
  const denials = fake.denied.length / 2;
  assert.deepEqual(fake.denied.slice(0, denials), fake.denied.slice(denials), one.name);
  return seen;
}
