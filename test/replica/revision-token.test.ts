import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { formatRevisionToken, parseRevisionToken } from "../../src/replica/revision-token.ts";

const tokens = fc.record({
  databaseId: fc.uuid(),
  revision: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  chainHash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
});

describe("parseRevisionToken", () => {
  it("reads what formatRevisionToken writes", () => {
    fc.assert(
      fc.property(tokens, (token) => {
        const parsed = parseRevisionToken(formatRevisionToken(token));
        assert.equal(parsed?.databaseId, token.databaseId);
        assert.equal(parsed.revision, token.revision);
        assert.deepEqual([...parsed.chainHash], [...token.chainHash.subarray(0, 8)]);
      }),
    );
  });

  it("refuses every other text without a throw", () => {
    const wrong = ["", "A", "A".repeat(43), "A".repeat(45), "/".repeat(44), `Ag${"A".repeat(42)}`];
    for (const text of wrong) assert.equal(parseRevisionToken(text), undefined, text);
    fc.assert(fc.property(fc.string(), (text) => parseRevisionToken(text) === undefined));
  });

  it("refuses a revision that no database can have", () => {
    const huge = formatRevisionToken({
      databaseId: "00000000-0000-4000-8000-000000000000",
      revision: 2n ** 63n,
      chainHash: new Uint8Array(8),
    });
    assert.equal(parseRevisionToken(huge), undefined);
  });
});
