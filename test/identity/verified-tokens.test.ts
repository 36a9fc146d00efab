import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, it } from "node:test";
import { createVerifiedTokens } from "../../src/identity/verified-tokens.ts";

const newKey = () => generateKeyPairSync("ed25519").publicKey;

describe("the memory of good signatures", () => {
  it("is of one key and one token", () => {
    const verified = createVerifiedTokens(10);
    const [key, other] = [newKey(), newKey()];
    verified.add(key, "token");
    assert.equal(verified.has(key, "token"), true);
    assert.equal(verified.has(key, "Token"), false);
    assert.equal(verified.has(other, "token"), false);
  });

  it("forgets first what was not used for long, and holds no more than its bound", () => {
    const verified = createVerifiedTokens(10);
    const key = newKey();
    const used = "used";
    verified.add(key, used);
    for (let index = 0; index < 100; index += 1) {
      verified.add(key, `token ${index}`);
      assert.equal(verified.has(key, used), true, String(index));
    }
    const held = Array.from({ length: 100 }, (_, index) => verified.has(key, `token ${index}`));
    const count = held.filter((one) => one).length;
    assert.ok(count >= 1 && count <= 10, String(count));
    assert.equal(held[0], false);
  });
});
