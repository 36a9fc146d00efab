import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { decodeProtectedHeader, jwtVerify } from "jose";
import {
  maxAssertionLength,
  judgeAssertion,
  signAssertion,
  type Assertion,
  type AssertionVerdict,
  type NewAssertion,
} from "../../src/credentials/assertion.ts";
import type { Identifier } from "../../src/credentials/identifier.ts";
import type { CredentialRecord, TaskSubject } from "../../src/domain/credential/subject.ts";
import type { Identity } from "../../src/domain/identity.ts";
import { plainKeyring } from "./support/plain-keyring.ts";

const now = 1_700_000_000_500;
const peer = "service:cache" as Identity;
const keyring = plainKeyring(["k1", "first"]);
const uid = "11111111-2222-4333-8444-555555555555";

const task: TaskSubject = {
  ...{ kind: "task", uid, id: "t-1", realm: "demo:ci", pool: undefined, generation: 1 },
  ...{ epoch: 3n, version: 7n, deleted: false, state: "running", botId: undefined },
  ...{ trust: "trusted", ref: "", defaultRef: "", delegatedUser: undefined, dependencies: [] },
  ...{ deadline: now + 3_600_000, reportUntil: now + 3_900_000, heldUntil: now + 90_000 },
};
const record: CredentialRecord = {
  ...{ id: "AAAAAAAAAAAAAAAA", kind: "task", subject: task, generation: 1, epoch: 0n },
  ...{ secretHash: "00".repeat(32), lookupHash: undefined, audiences: [] },
  ...{ permissions: ["a.b.c"], notBefore: 0, expiresAt: now + 3_900_000 },
  ...{ revokedAt: undefined, usedAt: undefined, version: 1n },
};
const wanted: NewAssertion = { record, use: "all", permissions: ["a.b.c"], peer };

function signed(change: Partial<NewAssertion> = {}, at = now): string {
  const assertion = signAssertion(keyring, { ...wanted, ...change }, at);
  assert.ok(assertion);
  return assertion.text;
}

function standing(answer: ReturnType<Identifier["standing"]>): Pick<Identifier, "standing"> {
  return { standing: () => answer };
}

function read(text: string, change: { peer?: string; now?: number } = {}): Assertion | undefined {
  const asker = (change.peer ?? peer) as Identity;
  return proven(judgeAssertion(keyring, standing("current"), text, asker, change.now ?? now));
}

/** What it proves; the same nothing for every cause. */
function proven(verdict: AssertionVerdict): Assertion | undefined {
  return verdict.kind === "good" ? verdict.assertion : undefined;
}

/** Signs any header and payload as the holder of the key could. */
function forge(head: string, payload: string): string {
  const encode = (text: string): string => Buffer.from(text).toString("base64url");
  const input = `${encode(head)}.${encode(payload)}`;
  const mac = createHmac("sha256", "first/assertion").update(input).digest("base64url");
  return `${input}.${mac}`;
}

const goodHeader = '{"alg":"HS256","kid":"k1","typ":"fleetgate-caller+jwt"}';
function payloadOf(text: string): Record<string, unknown> {
  const [, payload = ""] = text.split(".");
  return JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>;
}

describe("an assertion about a caller", () => {
  it("proves to the peer that it was signed for what was signed", () => {
    assert.deepEqual(read(signed()), {
      ...{ caller: "task:t-1", credentialId: record.id, subjectUid: uid, version: 7n, epoch: 3n },
      ...{ realm: "demo:ci", permissions: new Set(["a.b.c"]), use: "all" },
      ...{ expiresAt: 1_700_000_060_000, endsAt: 1_700_003_600_000 },
    });
  });

  it("is a JWT that others can verify with the key", async () => {
    const text = signed();
    const key = createHmac("sha256", "unused").digest();
    await assert.rejects(jwtVerify(text, key, { currentDate: new Date(now) }));
    const { payload } = await jwtVerify(text, new TextEncoder().encode("first/assertion"), {
      ...{ algorithms: ["HS256"], issuer: "fleetgate", audience: peer, subject: "task:t-1" },
      currentDate: new Date(now),
    });
    assert.deepEqual(payload["perms"], ["a.b.c"]);
    assert.deepEqual(decodeProtectedHeader(text), JSON.parse(goodHeader));
  });

  it("proves nothing to another peer; a user's identity is compared as everywhere", () => {
    assert.equal(read(signed(), { peer: "service:other" }), undefined);
    const text = signed({ peer: "user:Ann@example.com" as Identity });
    assert.ok(read(text, { peer: "user:ann@example.com" }));
  });

  it("U55: is dead at the instant of its expiry", () => {
    assert.ok(read(signed(), { now: 1_700_000_059_999 }));
    assert.equal(read(signed(), { now: 1_700_000_060_000 }), undefined);
  });

  it("U61: lives no longer than what was identified", () => {
    const endings: readonly [Partial<CredentialRecord>, "all" | "report", number | undefined][] = [
      [{ expiresAt: now + 10_000 }, "all", 1_700_000_010_000],
      [{ subject: { ...task, deadline: now + 20_000 } }, "all", 1_700_000_020_000],
      [{ subject: { ...task, deadline: now, reportUntil: now + 7_000 } }, "report", now + 6_500],
      [{ expiresAt: Infinity }, "all", 1_700_000_060_000],
      // Less than a second to live, in which a whole second does not begin.
      [{ expiresAt: now + 400 }, "all", undefined],
    ];
    for (const [change, use, expected] of endings) {
      const made = signAssertion(
        keyring,
        { ...wanted, use, record: { ...record, ...change } },
        now,
      );
      assert.equal(made?.expiresAt, expected);
      if (made !== undefined) assert.equal(read(made.text)?.expiresAt, expected);
    }
  });

  it("proves nothing once somebody may do less, and nobody can tell while the log is not followed", () => {
    const text = signed();
    const asked: unknown[] = [];
    const identifier: Pick<Identifier, "standing"> = {
      standing: (...question) => {
        asked.push(question);
        return "ended";
      },
    };
    assert.equal(proven(judgeAssertion(keyring, identifier, text, peer, now)), undefined);
    assert.deepEqual(asked, [[uid, 7n]]);
    const unknown = judgeAssertion(keyring, standing("unknown"), text, peer, now);
    assert.deepEqual(unknown, { kind: "unknown" });
  });

  it("U71: says to the books why it proves nothing, and of whom only with a right signature", () => {
    const text = signed();
    const judge = (shown: string, to = peer, at = now, is: "current" | "ended" = "current") =>
      judgeAssertion(keyring, standing(is), shown, to, at);
    const other = "service:other" as Identity;
    const late = now + 60_000;
    const wrongMac = forge(goodHeader.replace("k1", "k2"), "{}").replace(
      /^[^.]+/,
      text.split(".")[0] ?? "",
    );
    const whys: readonly (readonly [AssertionVerdict, why: string, isKnown: boolean])[] = [
      [judge(""), "malformed", false],
      [judge("a".repeat(maxAssertionLength + 1)), "malformed", false],
      [judge(forge(goodHeader, "{}")), "malformed", false],
      [judge(wrongMac, other, late, "ended"), "wrong_secret", false],
      [judge(text, other, late, "ended"), "audience", true],
      [judge(text, peer, late, "ended"), "expired", true],
      [judge(text, peer, now, "ended"), "state", true],
    ];
    for (const [verdict, why, isKnown] of whys) {
      const assertion = isKnown ? read(text) : undefined;
      assert.deepEqual(verdict, { kind: "refused", why, assertion });
    }
  });

  it("U20: is not refused when its key may be good but is not here", () => {
    const text = signed();
    const elsewhere = { ...keyring, verify: () => "unknown" as const };
    const unknown = judgeAssertion(elsewhere, standing("current"), text, peer, now);
    assert.deepEqual(unknown, { kind: "unknown" });
  });

  it("is not made without a key, nor longer than what is read", () => {
    assert.equal(signAssertion(plainKeyring(), wanted, now), undefined);
    // Nothing is made of what nobody can sign.
    const unread = { ...wanted, permissions: { toJSON: () => assert.fail() } as never };
    assert.equal(signAssertion(plainKeyring(), unread, now), undefined);
    const permissions = Array.from({ length: 200 }, (_, i) => `a.${"b".repeat(190)}.${i}`);
    assert.equal(signAssertion(keyring, { ...wanted, permissions }, now), undefined);
    assert.equal(read("a".repeat(maxAssertionLength + 1)), undefined);
  });

  it("has one header, to the letter, whoever signed another", () => {
    const payload = JSON.stringify(payloadOf(signed()));
    assert.ok(read(forge(goodHeader, payload)));
    for (const head of [
      '{"alg":"none","kid":"k1","typ":"fleetgate-caller+jwt"}',
      '{"alg":"HS512","kid":"k1","typ":"fleetgate-caller+jwt"}',
      '{"alg":"HS256","kid":"k1","typ":"JWT"}',
      '{"kid":"k1","alg":"HS256","typ":"fleetgate-caller+jwt"}',
      '{"alg":"HS256","kid":"k1","typ":"fleetgate-caller+jwt","crit":[]}',
      '{"alg":"HS256","alg":"none","kid":"k1","typ":"fleetgate-caller+jwt"}',
      '{"alg":"HS256", "kid":"k1","typ":"fleetgate-caller+jwt"}',
      '{"alg":"HS256","kid":"k1\n","typ":"fleetgate-caller+jwt"}',
      `${goodHeader} `,
      "",
    ]) {
      assert.equal(read(forge(head, payload)), undefined, head);
    }
  });

  it("is refused when its claims are not what we write, even if signed", () => {
    const good = payloadOf(signed());
    const changes: Record<string, readonly unknown[]> = {
      iss: ["other", undefined],
      sub: ["nobody", 7, undefined],
      aud: [["service:cache"], undefined, ""],
      exp: ["9999999999", undefined, null, 1.5],
      iat: [undefined],
      end: [null, undefined],
      ver: [7, "-1", "", undefined, "1e9"],
      epoch: [3, undefined],
      uid: ["", undefined],
      perms: ["a.b.c", [7], undefined],
      use: ["none", undefined],
      realm: ["", undefined],
      cid: [undefined],
    };
    for (const [name, values] of Object.entries(changes)) {
      for (const value of values) {
        const text = forge(goodHeader, JSON.stringify({ ...good, [name]: value }));
        assert.equal(read(text), undefined, `${name}: ${String(value)}`);
      }
    }
    for (const payload of ["", "null", "[]", "{", '"text"']) {
      assert.equal(read(forge(goodHeader, payload)), undefined, payload);
    }
  });

  it("A31: is refused after any change of its text", () => {
    const text = signed();
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= \n+/";
    const edit = fc.record({
      at: fc.nat(text.length),
      remove: fc.nat(2),
      insert: fc.string({ unit: fc.constantFrom(...alphabet.split("")), maxLength: 2 }),
    });
    fc.assert(
      fc.property(edit, ({ at, remove, insert }) => {
        const changed = text.slice(0, at) + insert + text.slice(at + remove);
        assert.equal(read(changed) !== undefined, changed === text);
      }),
      { numRuns: 2_000 },
    );
  });

  it("has one text: bits that base64url does not count are zero", () => {
    const [head = "", payload = "", mac = ""] = signed().split(".");
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const last = alphabet.indexOf(mac.slice(-1));
    const sloppyMac = mac.slice(0, -1) + alphabet.charAt(last + 1);
    assert.deepEqual(Buffer.from(sloppyMac, "base64url"), Buffer.from(mac, "base64url"));
    assert.equal(read(`${head}.${payload}.${sloppyMac}`), undefined);

    const longer = Buffer.from(goodHeader.replace("k1", "k-1")).toString("base64url");
    const sloppyHead =
      longer.slice(0, -1) + alphabet.charAt(alphabet.indexOf(longer.slice(-1)) + 1);
    assert.equal(
      Buffer.from(sloppyHead, "base64url").length,
      Buffer.from(longer, "base64url").length,
    );
    const anybody = { ...keyring, verify: () => "good" as const };
    const readWith = (head: string): Assertion | undefined =>
      proven(judgeAssertion(anybody, standing("current"), `${head}.${payload}.${mac}`, peer, now));
    assert.ok(readWith(longer));
    assert.equal(readWith(sloppyHead), undefined);
  });
});
