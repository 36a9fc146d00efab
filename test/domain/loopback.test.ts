import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isLoopback } from "../../src/domain/loopback.ts";

describe("isLoopback", () => {
  for (const host of ["localhost", "127.0.0.1", "127.255.0.9", "::1", "[::1]"]) {
    it(`holds of ${host}`, () => {
      assert.equal(isLoopback(host), true);
    });
  }

  const others = [
    ...["127.evil.com", "127.0.0.1.evil.com", "localhost.evil.com", "evil.com", "127.0.0.256"],
    ...["127.0.0", "1127.0.0.1", "0.0.0.0", "128.0.0.1", "::", "::2", "[::]", "[::1", ""],
  ];
  for (const host of others) {
    it(`does not hold of ${JSON.stringify(host)}`, () => {
      assert.equal(isLoopback(host), false);
    });
  }
});
