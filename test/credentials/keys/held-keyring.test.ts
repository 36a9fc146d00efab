import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import {
  keyName,
  parseKeyText,
  type HeldKey,
  type HeldKeys,
  type KeyName,
} from "../../../src/credentials/keys/held-key.ts";
import {
  createHeldKeyring,
  type HeldKeyring,
  type KeyState,
} from "../../../src/credentials/keys/held-keyring.ts";
import type { KeyPurpose, SignedBy } from "../../../src/credentials/keyring.ts";

function key(purpose: KeyPurpose, id: string, bytes: Buffer = randomBytes(32)): HeldKey {
  const secret = parseKeyText(bytes.toString("base64"));
  assert.ok(secret);
  return { purpose, id, secret };
}

function keysOf(...keys: readonly HeldKey[]): HeldKeys {
  return new Map(keys.map((held) => [keyName(held), held]));
}

function ringOf(
  keys: readonly HeldKey[],
  states?: Readonly<Record<string, KeyState>>,
  onUnknown: () => void = () => undefined,
): HeldKeyring {
  const ring = createHeldKeyring(onUnknown);
  ring.hold(keysOf(...keys));
  if (states !== undefined) ring.follow(statesOf(states));
  return ring;
}

function statesOf(states: Readonly<Record<string, KeyState>>): ReadonlyMap<KeyName, KeyState> {
  return new Map(Object.entries(states)) as unknown as ReadonlyMap<KeyName, KeyState>;
}

const bytes = randomBytes(32);
const k1 = key("url", "k1", bytes);
const k2 = key("url", "k2");

function by(secret: Buffer, keyId = "k1"): SignedBy {
  return { keyId, mac: createHmac("sha256", secret).update("text").digest() };
}

describe("the keyring of a replica", () => {
  it("signs with the key that the database calls active, and with no other", () => {
    const sign = (states: Readonly<Record<string, KeyState>>): string | undefined => {
      const ring = ringOf([k1, k2], states);
      const keyId = ring.sign("url", () => "text")?.keyId;
      assert.equal(ring.activeKey("url"), keyId);
      return keyId;
    };
    assert.equal(sign({ "url/k1": "active" }), "k1");
    assert.equal(sign({ "url/k2": "active", "url/k1": "passive" }), "k2");
    assert.equal(sign({}), undefined);
    assert.equal(sign({ "url/k1": "next", "url/k2": "passive" }), undefined);
    assert.equal(sign({ "url/k1": "retired" }), undefined);
    assert.equal(sign({ "url/elsewhere": "active" }), undefined);
    assert.equal(sign({ "assertion/k1": "active" }), undefined);
    assert.equal(
      ringOf([k1]).sign("url", () => "text"),
      undefined,
    );
    const mac = ringOf([k1], { "url/k1": "active" }).sign("url", (id) => `by ${id}`)?.mac;
    assert.deepEqual(mac, createHmac("sha256", bytes).update("by k1").digest());
  });

  it("U52: verifies with every key it holds that is not retired, at once", () => {
    for (const [state, verdict] of [
      ["active", "good"],
      ["passive", "good"],
      ["next", "good"],
      ["retired", "bad"],
    ] as const) {
      assert.equal(ringOf([k1], { "url/k1": state }).verify("url", "text", by(bytes)), verdict);
    }
    // Another replica may have activated it a moment ago.
    assert.equal(ringOf([k1], {}).verify("url", "text", by(bytes)), "good");
    const ring = ringOf([k1], { "url/k1": "active" });
    ring.follow(statesOf({ "url/k1": "retired" }));
    assert.equal(ring.verify("url", "text", by(bytes)), "bad");
  });

  it("refuses a wrong signature whatever it knows of the key", () => {
    for (const states of [undefined, {}, { "url/k1": "active" }] as const) {
      const ring = ringOf([k1], states);
      const good = by(bytes);
      assert.equal(ring.verify("url", "other", good), "bad");
      assert.equal(ring.verify("url", "text", by(randomBytes(32))), "bad");
      assert.equal(ring.verify("url", "text", { ...good, mac: good.mac.subarray(1) }), "bad");
      assert.equal(ring.verify("url", "text", { ...good, mac: new Uint8Array() }), "bad");
    }
    const ring = ringOf([k1, key("assertion", "k1")], {});
    assert.equal(ring.verify("assertion", "text", by(bytes)), "bad");
  });

  it("U20: does not refuse what a key may have signed that it lacks, nor before it heard of states", () => {
    for (const state of ["active", "passive", "next"] as const) {
      const ring = ringOf([k1], { "url/k9": state });
      assert.equal(ring.verify("url", "text", by(bytes, "k9")), "unknown");
    }
    assert.equal(ringOf([k1]).verify("url", "text", by(bytes)), "unknown");
    assert.equal(ringOf([]).verify("url", "text", by(bytes)), "unknown");
    const gone = ringOf([k1], { "url/k9": "retired" });
    assert.equal(gone.verify("url", "text", by(bytes, "k9")), "bad");
  });

  it("A31: refuses a key that nobody knows, and has the database asked about it", () => {
    let asked = 0;
    const ring = ringOf([k1], { "url/k1": "active" }, () => (asked += 1));
    assert.equal(ring.verify("url", "text", by(bytes, "k9")), "bad");
    assert.equal(ring.verify("url", "text", by(bytes, "__proto__")), "bad");
    assert.equal(asked, 2);
    ring.verify("url", "text", by(bytes));
    assert.equal(asked, 2);
  });

  it("finds tokens of forges under every key that is not retired, the active one first", () => {
    const keys = ["a", "b", "c", "d", "e"].map((id) => key("lookup", id));
    const ring = ringOf([...keys, k1], {
      ...{ "lookup/a": "passive", "lookup/b": "retired", "lookup/d": "active" },
      "lookup/e": "next",
    });
    const { hashes, isComplete } = ring.lookupHashes("token");
    assert.ok(isComplete);
    assert.deepEqual(
      hashes.map(({ keyId }) => keyId),
      ["d", "c", "e", "a"],
    );
    const material = keys[3]?.secret.export() ?? Buffer.alloc(0);
    const expected = createHmac("sha256", material).update("token").digest("hex");
    assert.equal(hashes[0]?.hash, expected);
    const none = { hashes: [], isComplete: true };
    assert.deepEqual(ringOf([k1], {}).lookupHashes("token"), none);
  });

  it("U20: says whether a token of a forge may be known by a key that it lacks, or before it heard of states", () => {
    const held = key("lookup", "a");
    const isComplete = (states?: Readonly<Record<string, KeyState>>): boolean =>
      ringOf([held, k1], states).lookupHashes("token").isComplete;
    assert.ok(isComplete({ "lookup/a": "active", "lookup/b": "retired", "url/b": "active" }));
    for (const state of ["active", "passive", "next"] as const) {
      assert.ok(!isComplete({ "lookup/a": "active", "lookup/b": state }), state);
    }
    assert.ok(!isComplete());
    const ring = ringOf([held], { "lookup/a": "passive", "lookup/b": "active" });
    ring.hold(keysOf(held, key("lookup", "b")));
    assert.ok(ring.lookupHashes("token").isComplete, "its file came");
  });
});
