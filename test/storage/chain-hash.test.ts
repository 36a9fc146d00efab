import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import type { EntityChange } from "../../src/domain/entity.ts";
import {
  canonicalJson,
  chainHash,
  itemHash,
  itemsHasher,
  linkHash,
  whoHash,
} from "../../src/storage/chain-hash.ts";

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

describe("linkHash", () => {
  const salt = new Uint8Array(16).fill(9);
  const sha256 = (...parts: readonly (Uint8Array | string)[]): Uint8Array => {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return new Uint8Array(hash.digest());
  };
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

  test("is SHA-256 of the previous hash and a line, over salted hashes of who and items", () => {
    const previous = new Uint8Array(32).fill(7);
    const who = sha256(salt, '["user:ann@example.com","a \\"reason\\"\\n",null,null,null]\n');
    assert.deepEqual(whoHash(salt, change), who);
    const hashOfItem = sha256(
      salt,
      '["pool","p",null,{"defaultTaskRealm":"","name":"é","realm":"a:b"}]\n',
    );
    assert.deepEqual(itemHash(salt, item), hashOfItem);
    const items = itemsHasher();
    items.add(hashOfItem);
    items.add(who);
    const itemsHash = items.digest();
    assert.deepEqual(itemsHash, sha256(hashOfItem, who));
    const { revision, at } = change;
    assert.deepEqual(
      linkHash(previous, { revision, at, whoHash: who, itemsHash, itemCount: 2 }),
      sha256(
        previous,
        `["fleetgate change 2","9007199254740993","2026-01-31T23:59:59.500Z","${hex(who)}","${hex(itemsHash)}","2"]\n`,
      ),
    );
  });

  test("has who and items under salts of their own", () => {
    const other = new Uint8Array(16);
    assert.notDeepEqual(whoHash(salt, change), whoHash(other, change));
    assert.notDeepEqual(itemHash(salt, item), itemHash(other, item));
  });
});

describe("canonicalJson", () => {
  test("does not depend on the order in which fields were set", () => {
    const text = '{"":null,"a":[true,{"x":"1","y":"2"}],"b":"\\\\"}';
    assert.equal(canonicalJson({ b: "\\", a: [true, { y: "2", x: "1" }], "": null }), text);
  });
});
