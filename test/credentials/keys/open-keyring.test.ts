import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import { sql } from "kysely";
import { activateKey, passiveMs } from "../../../src/commands/signing-key/activate-key.ts";
import { listKeys } from "../../../src/commands/signing-key/list-keys.ts";
import type { KeyView } from "../../../src/commands/signing-key/key-view.ts";
import { retireKey } from "../../../src/commands/signing-key/retire-key.ts";
import { parseKeyList } from "../../../src/credentials/keys/parse-key-list.ts";
import type { HeldKeys } from "../../../src/credentials/keys/held-key.ts";
import {
  openKeyring,
  type KeyringEvents,
  type OpenKeyring,
} from "../../../src/credentials/keys/open-keyring.ts";
import type { KeyPurpose } from "../../../src/credentials/keyring.ts";
import { activateFirstKey } from "../../../src/storage/credential/signing-keys.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { eventually } from "../../e2e/support/eventually.ts";
import { onPostgres, useDatabase } from "../../support/database.ts";

const actor = { caller: "user:admin@example.com", source: "10.0.0.1", requestId: "r-1" };

const texts = new Map<string, string>();

/** Keys by name; the same name is the same key everywhere. */
function keysOf(...names: readonly string[]): HeldKeys {
  const items = names.map((name) => {
    const text = texts.get(name) ?? randomBytes(32).toString("base64");
    texts.set(name, text);
    return `${name}:${text}`;
  });
  const keys = items.length === 0 ? new Map() : parseKeyList(items.join(" "));
  assert.ok(keys);
  return keys as HeldKeys;
}

interface TestReplica extends OpenKeyring {
  /** Puts other files where this replica reads them. */
  readonly put: (keys: HeldKeys, problems?: readonly string[]) => void;
}

function opener(storage: () => Storage) {
  return async (names: readonly string[], events: KeyringEvents = {}): Promise<TestReplica> => {
    let files: { keys: HeldKeys; problems: readonly string[] } = {
      keys: keysOf(...names),
      problems: [],
    };
    const ring = await openKeyring(storage(), {
      ...{ replicaId: randomUUID(), keys: files.keys, events, everyMs: 0 },
      readAgain: () => Promise.resolve(files),
    });
    return { ...ring, put: (keys, problems = []) => void (files = { keys, problems }) };
  };
}

function signer({ keyring }: OpenKeyring, purpose: KeyPurpose = "url"): string | undefined {
  return keyring.sign(purpose, () => "text")?.keyId;
}

async function empty(storage: Storage): Promise<void> {
  await storage.db.deleteFrom("signing_key").execute();
  await storage.db.deleteFrom("signing_key_holder").execute();
  await storage.db.deleteFrom("credential_audit").execute();
}

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

describe("following keys", () => {
  const openTestStorage = useDatabase();
  let storage: Storage;
  before(async () => {
    storage = await openTestStorage();
  });

  it("has one winner where replicas race with different first keys, and no loser that fails", async () => {
    await empty(storage);
    let other: Promise<void> | undefined;
    await storage.db.transaction().execute(async (tx) => {
      await activateFirstKey(tx, "url", "a");
      other = activateFirstKey(storage.db, "url", "b");
      other.catch(() => undefined);
      await eventually("the other one waits", async () => {
        const { rows } = await sql`
          select from pg_locks where not granted and locktype = 'transactionid'
        `.execute(tx);
        return rows.length > 0;
      });
    });
    await other;
    const rows = await storage.db.selectFrom("signing_key").select(["id", "state"]).execute();
    assert.deepEqual(rows, [{ id: "a", state: "active" }]);
  });

  it("tells once of files that broke, and of keys that came, changed and went", async () => {
    await empty(storage);
    const told: unknown[] = [];
    const ring = await opener(() => storage)(["url/k1", "url/k2"], {
      onHeld: (change) => told.push(change),
      onProblems: (problems) => told.push(problems),
    });
    ring.put(keysOf("url/k1", "url/k2"), ['"url-k3.key": it is bad']);
    await ring.look();
    await ring.look();
    texts.delete("url/k2");
    ring.put(keysOf("url/k2", "url/k3"));
    await ring.look();
    await ring.look();
    assert.deepEqual(told, [
      ['"url-k3.key": it is bad'],
      [],
      { added: ["url/k3"], changed: ["url/k2"], removed: ["url/k1"] },
    ]);
    await ring.close();
  });

  it("A32: goes on with what it knows while the database is lost, and tells of that once", async () => {
    await empty(storage);
    const told: string[] = [];
    let isDown = false;
    const flaky: Storage = {
      ...storage,
      quick: (use, timeoutMs) =>
        isDown ? Promise.reject(new Error("down")) : storage.quick(use, timeoutMs),
    };
    const open = opener(() => flaky);
    const ring = await open(["url/k1"], {
      onFailure: () => told.push("failure"),
      onRecovery: () => told.push("recovery"),
    });
    const signed = ring.keyring.sign("url", () => "text");
    assert.ok(signed);
    isDown = true;
    await ring.look();
    await ring.look();
    assert.equal(signer(ring), "k1");
    assert.equal(ring.keyring.verify("url", "text", signed), "good");
    isDown = false;
    await ring.look();
    assert.deepEqual(told, ["failure", "recovery"]);

    // Where nothing can be written, states are followed all the same.
    const readOnly: Storage = {
      ...storage,
      quick: (use, timeoutMs) =>
        storage.quick(
          (db) =>
            db.transaction().execute(async (tx) => {
              await sql`set transaction read only`.execute(tx);
              return use(tx);
            }),
          timeoutMs,
        ),
    };
    const reader = await opener(() => readOnly)(["url/k1"]);
    assert.equal(reader.keyring.verify("url", "text", signed), "good");
    await reader.close();

    // One that never heard of states signs nothing and refuses nothing.
    isDown = true;
    const deaf = await open(["url/k1"]);
    assert.equal(deaf.isFollowed(), false);
    assert.equal(signer(deaf), undefined);
    assert.equal(deaf.keyring.verify("url", "text", signed), "unknown");
    isDown = false;
    await deaf.look();
    assert.equal(deaf.isFollowed(), true);
    assert.equal(deaf.keyring.verify("url", "text", signed), "good");
    await deaf.close();
    await ring.close();
  });

  it("looks at its files again and again by itself", async () => {
    await empty(storage);
    const one = await opener(() => storage)(["url/k1", "url/k2"]);
    const heard = Promise.withResolvers<void>();
    const other = await openKeyring(storage, {
      ...{ replicaId: randomUUID(), keys: keysOf("url/k1"), everyMs: 20 },
      readAgain: () => {
        heard.resolve();
        return Promise.resolve({ keys: keysOf("url/k1", "url/k2"), problems: [] });
      },
    });
    await heard.promise;
    await other.refresh();
    assert.deepEqual([...other.held().keys()], ["url/k1", "url/k2"]);
    await one.close();
    await other.close();
  });
});
