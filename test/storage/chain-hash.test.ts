import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import type { EntityChange } from "../../src/domain/entity.ts";
import { canonicalJson, chainHash } from "../../src/storage/chain-hash.ts";

const change = {
  revision: 9_007_199_254_740_993n,
  at: new Date("2026-01-31T23:59:59.5Z"),
  author: "user:ann@example.com",
  reason: 'a "reason"\n',
  source: undefined,
  requestId: "",
  requestHash: "ignored without an id",
};

const item: EntityChange = {
  kind: "pool",
  key: "p",
  before: undefined,
  after: { realm: "a:b", name: "é", defaultTaskRealm: "" },
};

describe("chainHash", () => {
  test("is SHA-256 of the previous hash and lines of canonical JSON", () => {
    const previous = new Uint8Array(32).fill(7);
    const expected = createHash("sha256")
      .update(previous)
      .update(
        '["fleetgate change 1","9007199254740993","2026-01-31T23:59:59.500Z","user:ann@example.com","a \\"reason\\"\\n",null,null,null,"1"]\n',
      )
      .update('["pool","p",null,{"defaultTaskRealm":"","name":"é","realm":"a:b"}]\n')
      .digest();
    assert.deepEqual(chainHash(previous, change, [item]), new Uint8Array(expected));
  });

  test("differs when anything that it covers differs", () => {
    const zero = new Uint8Array(32);
    const variants = [
      chainHash(zero, change, []),
      chainHash(new Uint8Array(32).fill(1), change, []),
      chainHash(zero, change, [item]),
      chainHash(zero, change, [item, item]),
      chainHash(zero, { ...change, revision: 1n }, []),
      chainHash(zero, { ...change, at: new Date(0) }, []),
      chainHash(zero, { ...change, author: "" }, []),
      chainHash(zero, { ...change, reason: "" }, []),
      chainHash(zero, { ...change, source: "" }, []),
      chainHash(zero, { ...change, source: "main" }, []),
      chainHash(zero, { ...change, requestId: "x" }, []),
      chainHash(zero, { ...change, requestId: "x", requestHash: "y" }, []),
    ];
    assert.equal(new Set(variants.map((hash) => Buffer.from(hash).toString("hex"))).size, 12);
  });
});

describe("canonicalJson", () => {
  test("does not depend on the order in which fields were set", () => {
    const text = '{"":null,"a":[true,{"x":"1","y":"2"}],"b":"\\\\"}';
    assert.equal(canonicalJson({ b: "\\", a: [true, { y: "2", x: "1" }], "": null }), text);
  });
});
