import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Denial } from "../../src/credentials/bookkeeping.ts";
import { createDecisionCounter } from "../../src/credentials/decision-counts.ts";
import type { Assertion } from "../../src/credentials/assertion.ts";
import {
  assertionDenialEvent,
  createDenialCounts,
  denialEvent,
  grantDenialEvent,
  maxDenials,
  maxDenialsOfSource,
} from "../../src/credentials/denial-counts.ts";
import { createLagCounter, lagBounds } from "../../src/credentials/lag-counts.ts";
import type { Grant, GrantVerdict } from "../../src/credentials/url-grant.ts";
import { refusals } from "../../src/credentials/verdict.ts";
import type { Identity } from "../../src/domain/identity.ts";
import { sessionRecord } from "../support/credential-rows.ts";

const record = sessionRecord("AAAAAAAAAAAAAAAA");

const network = "2001:db8:0:0::/64";

const wrongSecret = { kind: "refused", why: "wrong_secret", record: undefined } as const;

function unknown(credentialId: string | undefined, source = "10.0.0.1"): Denial {
  const verdict = { kind: "refused", why: "unknown", record: undefined } as const;
  return { verdict, credentialId, source, caller: "service:cache" };
}

function count(
  denials: Iterable<Denial>,
): ReturnType<ReturnType<typeof createDenialCounts>["take"]> {
  const counts = createDenialCounts();
  for (const denial of denials) {
    const event = denialEvent(denial);
    if (event !== undefined) counts.add(event);
  }
  return counts.take();
}

function* times(n: number, make: (index: number) => Denial): Generator<Denial> {
  for (let index = 0; index < n; index += 1) yield make(index);
}

describe("denials (U71)", () => {
  test("are one row for each reason, source, credential and caller, with how many there were", () => {
    const rows = count([
      ...times(3, () => unknown("AAAAAAAAAAAAAAAA")),
      ...times(2, () => unknown("BBBBBBBBBBBBBBBB")),
      unknown("AAAAAAAAAAAAAAAA", "10.0.0.2"),
      { ...unknown("AAAAAAAAAAAAAAAA"), caller: "" },
      { ...unknown("AAAAAAAAAAAAAAAA"), verdict: { kind: "too_many" } },
    ]);
    assert.deepEqual(
      rows.map((row) => row.count),
      [3, 2, 1, 1, 1],
    );
  });

  test("say whose the credential is only when its secret was right (U13)", () => {
    const revoked = { kind: "refused", why: "revoked", record } as const;
    const [stranger, owner] = count(
      [wrongSecret, revoked].map((verdict) => ({ ...unknown(record.id), verdict })),
    ).toSorted((a, b) => (a.identity ?? "").localeCompare(b.identity ?? ""));
    assert.equal(stranger?.identity, undefined);
    assert.equal(stranger?.realm, undefined);
    assert.equal(stranger?.credentialId, record.id);
    assert.deepEqual([owner?.identity, owner?.realm], ["bot:bot-1", "demo:ci"]);
  });

  test("of signed URLs are rows of their own, of their task only when the signature was right", () => {
    const by = { caller: "service:cache", source: "10.0.0.1", requestId: "r-1" };
    const task = { identity: "task:t-1" as Identity, uid: "u", epoch: 1n, version: 1n };
    const grant = {
      ...{ realm: "demo:ci", task, signedBy: "service:cache" as Identity },
      ...{ expiresAt: 0, survives: false },
    };
    const counts = createDenialCounts();
    const verdicts: readonly GrantVerdict[] = [
      { kind: "refused", why: "wrong_secret", grant: undefined },
      { kind: "refused", why: "wrong_secret", grant: undefined },
      { kind: "refused", why: "expired", grant },
      { kind: "refused", why: "expired", grant: { ...grant, task: undefined } },
      { kind: "refused", why: "expired", grant: { ...grant, task: undefined, realm: "demo:x" } },
      { kind: "good", grant },
      { kind: "unknown" },
    ];
    for (const verdict of verdicts) {
      const event = grantDenialEvent(verdict, by);
      if (event !== undefined) counts.add(event);
    }
    const token = denialEvent({ ...unknown(undefined), verdict: wrongSecret });
    counts.add(token ?? assert.fail());
    const rows = counts.take().map(({ identity, realm, reason, detail, count: times, actor }) => {
      assert.deepEqual(actor, { ...by, requestId: "" });
      return [reason, identity, realm, detail?.["shown"], times];
    });
    assert.deepEqual(rows, [
      ["expired", "task:t-1", "demo:ci", "url", 1],
      ["expired", undefined, "demo:ci", "url", 1],
      ["expired", undefined, "demo:x", "url", 1],
      ["wrong_secret", undefined, undefined, "url", 2],
      ["wrong_secret", undefined, undefined, undefined, 1],
    ]);
  });

  test("of assertions are rows of their own, of the caller only when the signature was right", () => {
    const assertion = {
      ...{ caller: "task:t-1", credentialId: record.id, realm: "demo:ci" },
    } as Assertion;
    const by = { caller: "service:cache", source: "10.0.0.1" };
    const rows = ([assertion, undefined] as const).map((known) => {
      const refused = { kind: "refused", why: "expired", assertion: known } as const;
      const event = assertionDenialEvent(refused, by) ?? assert.fail();
      assert.deepEqual(event.actor, { ...by, requestId: "" });
      const { credentialId, identity, realm, reason, detail } = event;
      return [credentialId, identity, realm, reason, detail?.["shown"]];
    });
    assert.deepEqual(rows, [
      [record.id, "task:t-1", "demo:ci", "expired", "assertion"],
      [undefined, undefined, undefined, "expired", "assertion"],
    ]);
    assert.equal(assertionDenialEvent({ kind: "good", assertion }, by), undefined);
    assert.equal(assertionDenialEvent({ kind: "unknown" }, by), undefined);
  });

  test("are no denials where nobody could tell", () => {
    const verdict = { kind: "unavailable", cause: new Error("away") } as const;
    assert.deepEqual(count([{ ...unknown(undefined), verdict }]), []);
  });

  test("of one source that tries many ids share a row from some number on, and none is lost", () => {
    const rows = count(times(10_000, (index) => unknown(`id-${index}`)));
    assert.equal(rows.length, maxDenialsOfSource + 1);
    assert.deepEqual(rows.at(-1)?.reason, "other");
    assert.deepEqual(rows.at(-1)?.actor.source, "10.0.0.1");
    assert.equal(
      rows.reduce((sum, row) => sum + (row.count ?? 1), 0),
      10_000,
    );
  });

  test("of one network of IPv6 are of one source: whoever has an address of it has all", () => {
    const rows = count(
      times(10_000, (index) => unknown(`id-${index}`, `2001:db8::${index.toString(16)}`)),
    );
    assert.equal(rows.length, maxDenialsOfSource + 1);
    assert.deepEqual([rows[1]?.actor.source, rows.at(-1)?.actor.source], ["2001:db8::1", network]);
  });

  test("from any number of sources are a bounded number of rows, and none is lost", () => {
    const rows = count(times(20_000, (index) => unknown(`id-${index}`, `10.0.${index % 9_000}`)));
    assert.equal(rows.length, 2 * maxDenials + 1);
    assert.deepEqual(rows.at(-1)?.actor, { caller: "", source: "", requestId: "" });
    assert.equal(
      rows.reduce((sum, row) => sum + (row.count ?? 1), 0),
      20_000,
    );
  });

  test("of credentials whose secret was right are not crowded out by those of strangers", () => {
    const verdict = { kind: "refused", why: "revoked", record } as const;
    const rows = count([
      ...times(20_000, (index) => unknown(`id-${index}`, `10.0.${index}`)),
      { ...unknown(record.id), verdict },
    ]);
    assert.ok(
      rows.some(({ identity, reason }) => identity === "bot:bot-1" && reason === "revoked"),
    );
  });

  test("that could not be written are counted on", () => {
    const counts = createDenialCounts();
    const event = denialEvent(unknown("AAAAAAAAAAAAAAAA"));
    assert.ok(event);
    counts.add({ ...event, count: 5 });
    counts.add(event);
    assert.deepEqual(
      counts.take().map((row) => row.count),
      [6],
    );
    assert.deepEqual(counts.take(), []);
  });
});

describe("decisions (U72)", () => {
  test("are counted by what was decided, in closed lists of labels", () => {
    const counter = createDecisionCounter();
    counter.count({ kind: "good", record, use: "all" });
    counter.count({ kind: "good", record, use: "all" });
    counter.count({ kind: "lacks", record, permission: "anything.a.peer.likes" });
    for (const why of refusals) counter.count({ kind: "refused", why, record: undefined });
    const rows = counter.read().filter((row) => row.count > 0);
    assert.deepEqual(rows.slice(0, 2), [
      { kind: "session", code: "ok", reason: "", count: 2 },
      { kind: "session", code: "permission_denied", reason: "lacks_permission", count: 1 },
    ]);
    assert.deepEqual(
      rows.slice(2),
      refusals.map((reason) => ({ kind: "unknown", code: "unauthenticated", reason, count: 1 })),
    );
  });
});

describe("decisions about signed URLs (U72)", () => {
  test("are counted with those about tokens, as a kind of their own", () => {
    const counter = createDecisionCounter();
    const grant = { realm: "demo:ci" } as Grant;
    counter.countSigned("url", { kind: "good", grant });
    counter.countSigned("url", { kind: "good", grant });
    counter.countSigned("url", { kind: "unknown" });
    counter.countSigned("url", { kind: "refused", why: "expired", grant });
    assert.deepEqual(
      counter.read().filter(({ kind }) => kind === "url"),
      [
        { kind: "url", code: "ok", reason: "", count: 2 },
        { kind: "url", code: "unavailable", reason: "unavailable", count: 1 },
        { kind: "url", code: "unauthenticated", reason: "expired", count: 1 },
      ],
    );
    counter.countSigned("assertion", { kind: "refused", why: "audience", assertion: undefined });
    assert.deepEqual(
      counter.read().filter(({ kind }) => kind === "assertion"),
      [{ kind: "assertion", code: "unauthenticated", reason: "audience", count: 1 }],
    );
  });
});

describe("lags", () => {
  test("are counted below the first bound that they do not pass", () => {
    const lags = createLagCounter();
    for (const ms of [-5, 5, 6, 2_000, 2_001, 1_000_000]) lags.observe(ms);
    const { counts, sumSeconds } = lags.read();
    const expected = [2, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1];
    assert.deepEqual(counts, expected);
    assert.equal(counts.length, lagBounds.length + 1);
    assert.ok(Math.abs(sumSeconds - 1004.012) < 1e-9);
  });
});
