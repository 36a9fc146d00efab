import assert from "node:assert/strict";
import { before, it } from "node:test";
import { activateKey, passiveMs } from "../../../src/commands/signing-key/activate-key.ts";
import { listKeys } from "../../../src/commands/signing-key/list-keys.ts";
import type { KeyView } from "../../../src/commands/signing-key/key-view.ts";
import { retireKey } from "../../../src/commands/signing-key/retire-key.ts";
import type { OpenKeyring } from "../../../src/credentials/keys/open-keyring.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { onPostgres } from "../../support/database.ts";
import { empty, keysOf, opener, signer } from "./support.ts";

const actor = { caller: "user:admin@example.com", source: "10.0.0.1", requestId: "r-1" };

async function viewOf(storage: Storage, keys: OpenKeyring, name: string): Promise<KeyView> {
  const views = await listKeys({ storage, keys });
  const view = views.find(({ purpose, id }) => `${purpose}/${id}` === name);
  assert.ok(view, name);
  return view;
}

onPostgres((_name, openTestStorage) => {
  let storage: Storage;
  before(async () => {
    storage = await openTestStorage();
  });
  const open = opener(() => storage);

  it("makes the first key by id of each purpose the active one, once, however many race for it, and says so in the audit (c.14)", async () => {
    await empty(storage);
    const rings = await Promise.all(
      Array.from({ length: 6 }, () => open(["url/b", "url/a", "lookup/x"])),
    );
    await Promise.all(rings.map((ring) => ring.look()));
    for (const ring of rings) {
      assert.equal(signer(ring), "a");
      assert.equal(signer(ring, "lookup"), "x");
      assert.equal(signer(ring, "assertion"), undefined);
      await ring.close();
    }
    const rows = await storage.db.selectFrom("signing_key").selectAll().execute();
    assert.deepEqual(rows.map(({ purpose, id, state }) => `${purpose}/${id} ${state}`).sort(), [
      "lookup/x active",
      "url/a active",
    ]);
    const events = await storage.db
      .selectFrom("credential_audit")
      .select(["event", "detail", "caller", "source", "request_id", "count"])
      .execute();
    const byServer = { event: "key_activated", caller: null, source: null, request_id: null };
    const first = { previous: "", force: false };
    assert.deepEqual(
      events.toSorted((a, b) =>
        String(a.detail["purpose"]).localeCompare(String(b.detail["purpose"])),
      ),
      [
        { ...byServer, detail: { purpose: "lookup", key_id: "x", ...first }, count: 1n },
        { ...byServer, detail: { purpose: "url", key_id: "a", ...first }, count: 1n },
      ],
    );
  });

  it("waits with the first key of a purpose until every replica has it", async () => {
    await empty(storage);
    const one = await open([]);
    const other = await open(["url/k1"]);
    await other.look();
    assert.equal(signer(other), undefined);
    one.put(keysOf("url/k1"));
    await one.look();
    await other.look();
    assert.equal(signer(other), "k1");
    await one.close();
    await other.close();
  });

  it("rotates a key: next, active, passive, retired, here at once and elsewhere with the next look", async () => {
    await empty(storage);
    const one = await open(["url/k1"]);
    const other = await open(["url/k1"]);
    const deps = { storage, keys: one };
    assert.equal(signer(one), "k1");
    const bySecond = { purpose: "url", keyId: "k2", force: false } as const;
    // Nobody has it, then one replica has it.
    await assert.rejects(activateKey(deps, actor, { ...bySecond, force: true }), {
      reason: "KEY_NOT_READY",
      message: /no replica has it/,
    });
    one.put(keysOf("url/k1", "url/k2"));
    await one.look();
    await assert.rejects(activateKey(deps, actor, bySecond), {
      reason: "KEY_NOT_READY",
      message: /only 1 of the 2 replicas/,
    });
    other.put(keysOf("url/k1", "url/k2"));
    await other.look();
    assert.deepEqual(
      { ...(await viewOf(storage, one, "url/k2")) },
      {
        ...{ purpose: "url", id: "k2", state: "next", createdAt: undefined },
        ...{ passiveUntil: undefined, heldHere: true, heldBy: 2, replicas: 2 },
      },
    );
    const signedBefore = one.keyring.sign("url", () => "text");
    assert.ok(signedBefore);

    const activated = await activateKey(deps, actor, bySecond);
    assert.equal(activated.state, "active");
    assert.equal(signer(one), "k2");
    assert.equal(signer(other), "k1");
    const signed = one.keyring.sign("url", () => "text");
    assert.ok(signed);
    // The other has not heard of it yet, and refuses nothing.
    assert.equal(other.keyring.verify("url", "text", signed), "good");
    await other.look();
    assert.equal(signer(other), "k2");
    assert.equal(one.keyring.verify("url", "text", signedBefore), "good");
    const passive = await viewOf(storage, one, "url/k1");
    assert.equal(passive.state, "passive");
    const { now } = await databaseNow(storage);
    const left = (passive.passiveUntil?.getTime() ?? 0) - now.getTime();
    assert.ok(left > passiveMs.url - 30_000 && left <= passiveMs.url, `${left}`);

    // Activating the active one changes nothing.
    await activateKey(deps, actor, bySecond);

    const retired = await retireKey(deps, actor, { purpose: "url", keyId: "k1", force: false });
    assert.equal(retired.state, "retired");
    assert.equal(one.keyring.verify("url", "text", signedBefore), "bad");
    await other.look();
    assert.equal(other.keyring.verify("url", "text", signedBefore), "bad");
    await assert.rejects(activateKey(deps, actor, { purpose: "url", keyId: "k1", force: true }), {
      reason: "KEY_NOT_READY",
      message: /retired, for ever/,
    });
    const events = await storage.db
      .selectFrom("credential_audit")
      .select(["event", "detail", "caller", "source", "request_id"])
      .where("caller", "=", actor.caller)
      .orderBy("id")
      .execute();
    assert.deepEqual(
      events.map(({ event, detail, caller }) => ({ event, detail, caller })),
      [
        {
          event: "key_activated",
          detail: { purpose: "url", key_id: "k2", previous: "k1", force: false },
          caller: actor.caller,
        },
        {
          event: "key_retired",
          detail: { purpose: "url", key_id: "k1", was: "passive", force: false },
          caller: actor.caller,
        },
      ],
    );
    await one.close();
    await other.close();
  });

  it("retires the active one only by force; then nothing is signed until another one is activated", async () => {
    await empty(storage);
    const ring = await open(["url/k1", "url/k2"]);
    const deps = { storage, keys: ring };
    const first = { purpose: "url", keyId: "k1", force: false } as const;
    await assert.rejects(retireKey(deps, actor, first), {
      reason: "KEY_NOT_READY",
      message: /the active one/,
    });
    const signed = ring.keyring.sign("url", () => "text");
    assert.ok(signed);
    await retireKey(deps, actor, { ...first, force: true });
    await ring.look();
    assert.equal(signer(ring), undefined);
    assert.equal(ring.keyring.verify("url", "text", signed), "bad");
    await activateKey(deps, actor, { ...first, keyId: "k2" });
    assert.equal(signer(ring), "k2");
    await ring.close();
  });

  it("retires a key that was never used, and knows none that nobody has", async () => {
    await empty(storage);
    const ring = await open(["url/k1", "url/k2"]);
    const deps = { storage, keys: ring };
    await retireKey(deps, actor, { purpose: "url", keyId: "k2", force: false });
    assert.equal((await viewOf(storage, ring, "url/k2")).state, "retired");
    // A retired one stays so.
    await retireKey(deps, actor, { purpose: "url", keyId: "k2", force: true });
    await assert.rejects(retireKey(deps, actor, { purpose: "url", keyId: "k9", force: true }), {
      reason: "NOT_FOUND",
    });
    for (const keyId of ["", "K1", "a/b", "k".repeat(33)]) {
      await assert.rejects(retireKey(deps, actor, { purpose: "url", keyId, force: true }), {
        reason: "INVALID_FIELD",
      });
    }
    await assert.rejects(
      activateKey(deps, actor, { purpose: undefined, keyId: "k1", force: false }),
      { reason: "INVALID_FIELD" },
    );
    await ring.close();
  });

  it("takes a passive key for retired once its time is over, and lets it come back before that", async () => {
    await empty(storage);
    const ring = await open(["url/k1", "url/k2"]);
    const deps = { storage, keys: ring };
    await activateKey(deps, actor, { purpose: "url", keyId: "k2", force: false });
    await activateKey(deps, actor, { purpose: "url", keyId: "k1", force: false });
    assert.equal(signer(ring), "k1");
    const signed = ring.keyring.sign("url", () => "text");
    assert.ok(signed);
    await activateKey(deps, actor, { purpose: "url", keyId: "k2", force: false });
    await storage.exec("update signing_key set passive_until = now() where state = 'passive'");
    await ring.look();
    assert.equal((await viewOf(storage, ring, "url/k1")).state, "retired");
    assert.equal(ring.keyring.verify("url", "text", signed), "bad");
    await assert.rejects(activateKey(deps, actor, { purpose: "url", keyId: "k1", force: true }), {
      reason: "KEY_NOT_READY",
    });
    await ring.close();
  });

  it("changes keys one after another: of many at once, one stays active", async () => {
    await empty(storage);
    const names = ["k1", "k2", "k3", "k4"];
    const ring = await open(names.map((id) => `url/${id}`));
    const deps = { storage, keys: ring };
    await Promise.all(
      [...names, ...names].map((keyId) =>
        activateKey(deps, actor, { purpose: "url", keyId, force: false }),
      ),
    );
    const states = (await listKeys(deps)).map(({ state }) => state).sort();
    assert.deepEqual(states, ["active", "passive", "passive", "passive"]);
    await ring.close();
  });

  it("counts replicas as long as they were seen in the last two minutes, and forgets one that ends", async () => {
    await empty(storage);
    const one = await open(["url/k1"]);
    const other = await open([]);
    assert.equal((await viewOf(storage, one, "url/k1")).replicas, 2);
    await storage.exec("update signing_key_holder set seen_at = now() - interval '119 s'");
    assert.equal((await viewOf(storage, one, "url/k1")).replicas, 2);
    await storage.exec("update signing_key_holder set seen_at = now() - interval '121 s'");
    assert.equal((await viewOf(storage, one, "url/k1")).replicas, 0);
    await one.announce();
    assert.equal((await viewOf(storage, one, "url/k1")).replicas, 1);
    await one.close();
    await other.close();
    const left = await storage.db.selectFrom("signing_key_holder").select("replica").execute();
    assert.deepEqual(left, []);
  });
});

async function databaseNow(storage: Storage): Promise<{ readonly now: Date }> {
  const row = await storage.db
    .selectNoFrom((eb) => eb.fn<Date>("now").as("now"))
    .executeTakeFirstOrThrow();
  return { now: new Date(row.now) };
}
