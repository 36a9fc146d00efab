import assert from "node:assert/strict";
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { before, it } from "node:test";
import type { KyselyPlugin } from "kysely";
import type { CredentialDeps } from "../../../src/credentials/deps.ts";
import { parseBearerToken } from "../../../src/domain/bearer-token.ts";
import { onPostgres } from "../../support/database.ts";
import { host1, host2, snapshot } from "../task/support.ts";
import { newNonce, openClaims, refused, tokenOf, type TestClaims } from "./support.ts";

/** How many comparisons something takes. */
async function comparisonsOf(use: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const { timingSafeEqual } = crypto;
  Object.assign(crypto, {
    timingSafeEqual: (...given: Parameters<typeof timingSafeEqual>) => (
      (count += 1),
      timingSafeEqual(...given)
    ),
  });
  syncBuiltinESMExports();
  try {
    await use();
  } finally {
    Object.assign(crypto, { timingSafeEqual });
    syncBuiltinESMExports();
  }
  return count;
}

onPostgres((_, open) => {
  let claims: TestClaims;
  let statements: string[];
  let counted: CredentialDeps;
  before(async () => {
    claims = openClaims(await open());
    const plugin: KyselyPlugin = {
      transformQuery: ({ node }) => (statements.push(node.kind), node),
      transformResult: ({ result }) => Promise.resolve(result),
    };
    const db = claims.storage.db.withPlugin(plugin);
    counted = { ...claims.deps, storage: { ...claims.storage, db } };
  });

  it("U12 C13 CH12 takes the same statements and comparisons whatever is wrong", async () => {
    const pending = await claims.open(host1);
    const consumed = await claims.open(host1);
    await claims.present(consumed.token, consumed.claim.jobId);
    const canceled = await claims.open(host2);
    await claims.cancel(host2, canceled.claim.uid);
    const { id = "" } = parseBearerToken(pending.token) ?? {};
    const nobody = tokenOf("n".repeat(16), "s".repeat(43));
    const cases: Readonly<Record<string, readonly [token: string, jobId: string]>> = {
      "an unknown job": [nobody, "no-such-job"],
      "an unknown token": [nobody, pending.claim.jobId],
      "a wrong secret": [tokenOf(id, "s".repeat(43)), pending.claim.jobId],
      "another job": [pending.token, "no-such-job"],
      "another claim's": [canceled.token, pending.claim.jobId],
      "a consumed claim": [consumed.token, consumed.claim.jobId],
      "a canceled claim": [canceled.token, canceled.claim.jobId],
    };
    const work = new Map<string, readonly unknown[]>();
    for (const [name, [token, jobId]] of Object.entries(cases)) {
      statements = [];
      const comparisons = await comparisonsOf(() =>
        assert.rejects(claims.present(token, jobId, newNonce(), snapshot, counted), refused),
      );
      work.set(name, [statements.length, comparisons]);
    }
    for (const [name, done] of work) assert.deepEqual(done, [2, 3], name);
    // No statement of a refused call writes anything: the books are written later.
    assert.equal((await claims.get(host1, pending.claim.uid)).version, 1n);
  });
});
