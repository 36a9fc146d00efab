import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { sql } from "kysely";
import { getCredential } from "../../../src/commands/credential/get-credential.ts";
import { listAuditEvents } from "../../../src/commands/credential/list-audit.ts";
import { listCredentials } from "../../../src/commands/credential/list-credentials.ts";
import { revokeCredential } from "../../../src/commands/credential/revoke-credential.ts";
import { DomainError } from "../../../src/domain/errors.ts";
import { appendAudit } from "../../../src/storage/credential/audit.ts";
import { storeCredential, storeSubject } from "../../support/credential-rows.ts";
import { useDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { actor, openCredentialBench, type CredentialBench } from "./support.ts";

const [auditor, keeper, stranger, root] = ["auditor", "keeper", "other", "root"].map(actor) as [
  ReturnType<typeof actor>,
  ReturnType<typeof actor>,
  ReturnType<typeof actor>,
  ReturnType<typeof actor>,
];

const open = useDatabase();
let bench: CredentialBench;
before(async () => {
  bench = await openCredentialBench(await open());
});

const get = (who: typeof auditor, id: string) => getCredential(bench.deps, bench.snapshot, who, id);
const list = (who: typeof auditor, more: Partial<Parameters<typeof listCredentials>[3]>) =>
  listCredentials(bench.deps, bench.snapshot, who, {
    ...{ identity: "", showEnded: false, pageSize: 0, pageToken: "" },
    ...more,
  });
const revoke = (who: typeof auditor, more: Partial<Parameters<typeof revokeCredential>[3]>) =>
  revokeCredential(bench.deps, bench.snapshot, who, {
    ...{ credentialId: "", identity: "", reason: "" },
    ...more,
  });
const audit = (who: typeof auditor, more: Partial<Parameters<typeof listAuditEvents>[3]>) =>
  listAuditEvents(bench.deps, bench.snapshot, who, {
    ...{ realm: "", identity: "", credentialId: "", pageSize: 0, pageToken: "" },
    ...more,
  });

async function errorOf(call: Promise<unknown>): Promise<readonly unknown[]> {
  const error = await call.then(
    () => assert.fail("it went well"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof DomainError);
  return [error.reason, error.message, error.metadata];
}

async function versions(uid: string) {
  const { rows } = await sql<{ subject: bigint; events: readonly object[] }>`
    select s.version as subject,
           (select coalesce(json_agg(json_build_object('id', e.credential_id, 'version', e.version, 'shrinks', e.shrinks)
              order by e.id), '[]') from credential_event e where e.subject_uid = s.uid) as events
    from subject s where s.uid = ${uid}`.execute(bench.storage.db);
  return rows[0];
}

describe("getCredential", () => {
  test("shows a credential to who may introspect in its realm, without anything of its secret", async () => {
    const uid = await storeSubject(bench.storage, { id: "get-1" });
    const id = await storeCredential(bench.storage, uid);
    const shown = await get(auditor, id);
    const { kind, subjectKind, subjectId, subjectUid, realm, supplied, lastUsedAt } = shown;
    assert.deepEqual(
      [kind, subjectKind, subjectId, subjectUid, realm, supplied, lastUsedAt],
      ["session", "bot", "get-1", uid, "demo:ci", false, null],
    );
    const row = await bench.storage.db
      .selectFrom("credential")
      .select(sql<string>`encode(secret_hash, 'hex')`.as("hash"))
      .where("id", "=", id)
      .executeTakeFirstOrThrow();
    assert.ok(!JSON.stringify(shown).includes(row.hash));
    assert.ok(Object.values(shown).every((value) => !(value instanceof Uint8Array)));
  });

  test("answers the same for one that is another realm's and for one that is not", async () => {
    const id = await storeCredential(bench.storage, await storeSubject(bench.storage));
    const none = await errorOf(get(stranger, "AAAAAAAAAAAAAAAA"));
    assert.deepEqual(await errorOf(get(stranger, id)), none);
    assert.equal(none[0], "PERMISSION_REQUIRED");
    await assert.rejects(get(root, "AAAAAAAAAAAAAAAA"), hasReason("NOT_FOUND"));
  });

  test("refuses what is no public id, be it a whole token", async () => {
    for (const id of ["", "short", `fg1_bs_${"A".repeat(16)}_${"B".repeat(43)}_AAAAAA`]) {
      const [reason, message] = await errorOf(get(root, id));
      assert.equal(reason, "INVALID_FIELD");
      assert.ok(!String(message).includes("BBBB"));
    }
  });
});

describe("listCredentials", () => {
  test("lists the newest first, by pages that new ones do not disturb", async () => {
    const uid = await storeSubject(bench.storage, { id: "list-1" });
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      ids.unshift(await storeCredential(bench.storage, uid, { issuedAt: -100 + n }));
    }
    // Two of one instant.
    await sql`update credential set issued_at = (select min(issued_at) from credential where subject_uid = ${uid})
              where id = ${ids[1] ?? ""}`.execute(bench.storage.db);
    const expected = [ids[0], ...[ids[1] ?? "", ids[2] ?? ""].sort().toReversed()];
    const seen: string[] = [];
    for (let pageToken = "", first = true; first || pageToken !== ""; first = false) {
      const page = await list(auditor, { identity: "bot:list-1", pageSize: 1, pageToken });
      seen.push(...page.credentials.map(({ id }) => id));
      pageToken = page.nextPageToken;
      if (first) await storeCredential(bench.storage, uid);
    }
    assert.deepEqual(seen, expected);
  });

  test("takes a page token only from who got it, for the same question", async () => {
    const uid = await storeSubject(bench.storage, { id: "list-2" });
    for (let n = 0; n < 2; n += 1) await storeCredential(bench.storage, uid);
    const identity = "bot:list-2";
    const { nextPageToken: pageToken } = await list(auditor, { identity, pageSize: 1 });
    assert.notEqual(pageToken, "");
    const invalid = hasReason("PAGE_TOKEN_INVALID");
    await assert.rejects(list(keeper, { identity, pageToken }), invalid);
    await assert.rejects(list(auditor, { identity, pageToken, showEnded: true }), invalid);
    assert.equal((await list(auditor, { identity, pageToken })).credentials.length, 1);
  });

  test("leaves out what proves nothing any more, unless asked for", async () => {
    const uid = await storeSubject(bench.storage, { id: "list-3" });
    const live = await storeCredential(bench.storage, uid);
    await storeCredential(bench.storage, uid, { expiresAt: -1 });
    await storeCredential(bench.storage, uid, { revokedAt: -1 });
    const identity = "bot:list-3";
    const shown = await list(auditor, { identity });
    assert.deepEqual(
      shown.credentials.map(({ id }) => id),
      [live],
    );
    assert.equal((await list(auditor, { identity, showEnded: true })).credentials.length, 3);
  });

  test("shows those of an earlier subject of the id only to who may read its realm", async () => {
    const dead = { id: "list-4", endedAt: -10, deletedAt: -10 };
    const earlier = await storeSubject(bench.storage, { ...dead, realm: "demo:other" });
    const now = await storeSubject(bench.storage, { id: "list-4" });
    const ids = [
      await storeCredential(bench.storage, earlier),
      await storeCredential(bench.storage, now),
    ];
    const input = { identity: "bot:list-4", showEnded: true };
    const seenBy = async (who: typeof auditor) =>
      (await list(who, input)).credentials.map(({ id }) => id);
    assert.deepEqual(await seenBy(auditor), [ids[1]]);
    assert.deepEqual(await seenBy(stranger), [ids[0]]);
    assert.deepEqual((await seenBy(root)).sort(), ids.sort());
  });

  test("answers the same for a subject of another realm and for none", async () => {
    await storeSubject(bench.storage, { id: "list-5" });
    const theirs = await errorOf(list(stranger, { identity: "bot:list-5" }));
    assert.deepEqual(theirs, await errorOf(list(stranger, { identity: "bot:list-none" })));
    assert.equal(theirs[0], "PERMISSION_REQUIRED");
    const invalid = hasReason("INVALID_FIELD");
    await assert.rejects(list(root, { identity: "user:a@b.c" }), invalid);
    await assert.rejects(list(root, { identity: "bot:x", pageSize: -1 }), invalid);
  });
});

describe("revokeCredential", () => {
  test("ends one: its row, both versions, the log of replicas, the audit and this process know it", async () => {
    const uid = await storeSubject(bench.storage, { id: "revoke-1" });
    const id = await storeCredential(bench.storage, uid);
    const other = await storeCredential(bench.storage, uid);
    assert.equal(await revoke(keeper, { credentialId: id, reason: "was in a log" }), 1);
    assert.equal(bench.known.at(-1), uid);
    const rows = await bench.storage.db
      .selectFrom("credential")
      .select(["id", "version", "revoke_reason"])
      .where("subject_uid", "=", uid)
      .where("revoked_at", "is not", null)
      .execute();
    assert.deepEqual(rows, [{ id, version: 2n, revoke_reason: "was in a log" }]);
    const event = { id, version: 2, shrinks: true };
    assert.deepEqual(await versions(uid), { subject: 2n, events: [event] });
    const { events } = await audit(auditor, { realm: "demo:ci", credentialId: id });
    assert.deepEqual(
      events.map(({ event: name, identity, reason, caller, source, requestId, count }) => [
        ...[name, identity, reason, caller, source, requestId, count],
      ]),
      [
        [
          ...["revoked", "bot:revoke-1", "was in a log", keeper.identity, "10.9.8.7", "r-1"],
          ...[1n],
        ],
      ],
    );
    assert.notEqual(other, id);
  });

  test("changes nothing the second time, and none is no error", async () => {
    const uid = await storeSubject(bench.storage, { id: "revoke-2" });
    const id = await storeCredential(bench.storage, uid);
    const gone = await storeCredential(bench.storage, uid, { expiresAt: -1 });
    assert.equal(await revoke(keeper, { credentialId: id }), 1);
    const known = bench.known.length;
    assert.equal(await revoke(keeper, { credentialId: id }), 0);
    assert.equal(await revoke(keeper, { credentialId: gone }), 0);
    assert.equal(await revoke(keeper, { identity: "bot:revoke-2" }), 0);
    assert.equal(bench.known.length, known);
    assert.equal((await versions(uid))?.subject, 2n);
  });

  test("ends all of a subject by one change, each counted once however many ask", async () => {
    const uid = await storeSubject(bench.storage, { id: "revoke-3" });
    for (let n = 0; n < 5; n += 1) await storeCredential(bench.storage, uid);
    const counts = await Promise.all(
      Array.from({ length: 32 }, () => revoke(keeper, { identity: "bot:revoke-3" })),
    );
    assert.deepEqual(
      counts.filter((count) => count !== 0),
      [5],
    );
    const event = { id: null, version: 2, shrinks: true };
    assert.deepEqual(await versions(uid), { subject: 2n, events: [event] });
    const { events } = await audit(auditor, { realm: "demo:ci", identity: "bot:revoke-3" });
    assert.equal(events.length, 5);
  });

  test("wants the permission in the realm, and tells nobody else whether there is such a thing", async () => {
    const uid = await storeSubject(bench.storage, { id: "revoke-4" });
    const id = await storeCredential(bench.storage, uid);
    for (const who of [auditor, stranger]) {
      const none = await errorOf(revoke(who, { credentialId: "AAAAAAAAAAAAAAAA" }));
      assert.equal(none[0], "PERMISSION_REQUIRED");
      assert.deepEqual(await errorOf(revoke(who, { credentialId: id })), none);
      assert.deepEqual(await errorOf(revoke(who, { identity: "bot:revoke-4" })), none);
      assert.deepEqual(await errorOf(revoke(who, { identity: "bot:revoke-none" })), none);
    }
    assert.equal((await versions(uid))?.subject, 1n);
  });

  test("wants one credential or one subject, and a reason of at most 1,000 characters", async () => {
    const invalid = hasReason("INVALID_FIELD");
    await assert.rejects(revoke(root, {}), invalid);
    const credentialId = "AAAAAAAAAAAAAAAA";
    await assert.rejects(revoke(root, { credentialId, identity: "bot:a" }), invalid);
    await assert.rejects(revoke(root, { credentialId, reason: "x".repeat(1_001) }), invalid);
  });
});

describe("listAuditEvents", () => {
  const server = { caller: "", source: "", requestId: "" };

  test("lists a realm by pages, the newest first, to who may introspect there", async () => {
    const events = Array.from({ length: 5 }, (_, index) => ({
      ...({ event: "registered", actor: server, identity: `task:t${index}` } as const),
      realm: index === 2 ? "demo:other" : "demo:ci",
      reason: "paged",
    }));
    await appendAudit(bench.storage.db, events);
    const seen: (string | null)[] = [];
    let pageToken = "";
    do {
      const page = await audit(auditor, { realm: "demo:ci", pageSize: 2, pageToken });
      seen.push(...page.events.filter(({ reason }) => reason === "paged").map((e) => e.identity));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    assert.deepEqual(seen, ["task:t4", "task:t3", "task:t1", "task:t0"]);
    await assert.rejects(audit(stranger, { realm: "demo:ci" }), hasReason("PERMISSION_REQUIRED"));
  });

  test("is the same answer for a realm that is another's and for one that is not", async () => {
    const theirs = await errorOf(audit(stranger, { realm: "demo:ci" }));
    assert.deepEqual(theirs, await errorOf(audit(stranger, { realm: "demo:none" })));
  });

  test("lists what is of no realm to administrators alone", async () => {
    await appendAudit(bench.storage.db, [
      { event: "denied", actor: { ...server, source: "10.0.0.9" }, reason: "unknown", count: 7 },
      { event: "ended", actor: { ...server, source: "10.0.0.9" }, detail: { was: "running" } },
    ]);
    const { events } = await audit(root, {});
    const found = events.filter(({ source }) => source === "10.0.0.9");
    assert.deepEqual(
      found.map(({ event, count, detail }) => ({ event, count, detail })),
      [
        { event: "ended", count: 1n, detail: { was: "running" } },
        { event: "denied", count: 7n, detail: {} },
      ],
    );
    await assert.rejects(audit(auditor, {}), hasReason("PERMISSION_REQUIRED"));
    const filtered = await audit(auditor, { realm: "demo:ci" });
    assert.ok(filtered.events.every(({ realm }) => realm === "demo:ci"));
  });
});
