import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Identifier } from "../../src/credentials/identifier.ts";
import {
  canonicalText,
  maxGrantLength,
  signGrant,
  verifyGrant,
  type Grant,
  type GrantFields,
  type GrantUse,
  type GrantVerdict,
} from "../../src/credentials/url-grant.ts";
import type { Identity } from "../../src/domain/identity.ts";
import { plainKeyring } from "./support/plain-keyring.ts";

const now = 1_700_000_000_000;
const keyring = plainKeyring(["k1", "first"]);
const use: GrantUse = { purpose: "cache.download", method: "GET", resource: "cache/42" };
const grant: Grant = {
  realm: "demo:ci",
  task: {
    ...{ identity: "task:t-1" as Identity, uid: "11111111-2222-4333-8444-555555555555" },
    ...{ epoch: 3n, version: 7n },
  },
  signedBy: "service:cache" as Identity,
  expiresAt: now + 600_000,
  survives: false,
};

function signed(change: Partial<Grant> = {}, wanted: GrantUse = use): string {
  const text = signGrant(keyring, wanted, { ...grant, ...change });
  assert.ok(text);
  return text;
}

function judge(
  text: string,
  change: Partial<GrantUse> & { now?: number; standing?: "current" | "ended" | "unknown" } = {},
): GrantVerdict {
  const { now: at = now, standing = "current", ...other } = change;
  const identifier: Pick<Identifier, "standing"> = { standing: () => standing };
  return verifyGrant(keyring, identifier, text, { ...use, ...other }, at);
}

/** The same as it is answered: why it is refused, no answer tells. */
function verify(
  ...question: Parameters<typeof judge>
): GrantVerdict | { readonly kind: "refused" } {
  const verdict = judge(...question);
  return verdict.kind === "refused" ? refused : verdict;
}

const refused = { kind: "refused" } as const;

function payloadOf(text: string): string[] {
  const payload = text.split(".")[2] ?? "";
  return JSON.parse(Buffer.from(payload, "base64url").toString()) as string[];
}

/** The grant with other fields, signed by who has the key. */
function forge(fields: readonly string[], json = JSON.stringify(fields)): string {
  const input = canonicalText(use, fields as unknown as GrantFields);
  const mac = createHmac("sha256", "first/url").update(input).digest("base64url");
  return `fgu1.k1.${Buffer.from(json).toString("base64url")}.${mac}`;
}

describe("a signed grant", () => {
  it("says what was signed, in characters that a URL needs no escape for", () => {
    assert.deepEqual(verify(signed()), { kind: "good", grant });
    const ofNone = { ...grant, task: undefined };
    assert.deepEqual(verify(signed(ofNone)), { kind: "good", grant: ofNone });
    assert.match(signed(), /^[A-Za-z0-9._~-]+$/);
    assert.equal(encodeURIComponent(signed()), signed());
  });

  it("U54, A40: is good for its purpose, method and resource alone, to the letter", () => {
    const text = signed();
    for (const other of [
      { purpose: "cache.upload" },
      { purpose: "" },
      { method: "PUT" },
      { method: "get" },
      { method: "HEAD" },
      { resource: "cache/042" },
      { resource: "cache/42/" },
      { resource: "Cache/42" },
      { resource: "" },
    ]) {
      assert.deepEqual(verify(text, other), refused, JSON.stringify(other));
    }
  });

  it("AH13: purpose `1` with resource `2` is not purpose ``, resource `12`; nor is `042` `42`", () => {
    const text = signed({}, { ...use, purpose: "1", resource: "2" });
    assert.equal(verify(text, { purpose: "1", resource: "2" }).kind, "good");
    assert.deepEqual(verify(text, { purpose: "", resource: "12" }), refused);
    assert.deepEqual(verify(text, { purpose: "12", resource: "" }), refused);
    const number = signed({}, { ...use, resource: "042" });
    assert.equal(verify(number, { resource: "042" }).kind, "good");
    assert.deepEqual(verify(number, { resource: "42" }), refused);
  });

  it("U53: no two different lists of texts are signed as the same", () => {
    // Short texts of few characters, among them those that separate, so that collisions would be found.
    const part = fc.string({ unit: fc.constantFrom("0", "1", "2", ":", "."), maxLength: 4 });
    const list = fc.array(part, { minLength: 11, maxLength: 11 });
    const text = (parts: readonly string[]): string => {
      const [purpose = "", method = "", resource = "", ...fields] = parts;
      return canonicalText({ purpose, method, resource }, fields as unknown as GrantFields);
    };
    fc.assert(
      fc.property(list, fc.nat(10), fc.nat(4), fc.nat(3), (parts, at, cut, choice) => {
        // Another list that joins to the same characters where possible: a cut is moved, or two texts are changed.
        const next = (at + 1) % parts.length;
        const other = [...parts];
        const joined = (parts[at] ?? "") + (parts[next] ?? "");
        if (choice < 2) [other[at], other[next]] = [joined.slice(0, cut), joined.slice(cut)];
        else [other[at], other[next]] = [parts[next] ?? "", parts[at] ?? ""];
        const isSame = parts.every((value, index) => value === other[index]);
        assert.equal(text(parts) === text(other), isSame);
      }),
      { numRuns: 5_000 },
    );
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(list, (parts) => {
        const key = JSON.stringify(parts);
        const canonical = text(parts);
        assert.equal(seen.get(canonical) ?? key, key);
        seen.set(canonical, key);
      }),
      { numRuns: 3_000 },
    );
  });

  it("U55, A28: is dead at the instant of its expiry", () => {
    const text = signed();
    assert.equal(verify(text, { now: now + 599_999 }).kind, "good");
    assert.deepEqual(verify(text, { now: now + 600_000 }), refused);
  });

  it("U54: dies with its task, unless it was signed to outlive it", () => {
    assert.deepEqual(verify(signed(), { standing: "ended" }), refused);
    assert.deepEqual(verify(signed(), { standing: "unknown" }), { kind: "unknown" });
    const survivor = signed({ survives: true });
    for (const standing of ["ended", "unknown"] as const) {
      assert.equal(verify(survivor, { standing }).kind, "good");
      assert.equal(verify(signed({ task: undefined }), { standing }).kind, "good");
    }
    assert.deepEqual(verify(survivor, { now: grant.expiresAt }), refused);
  });

  it("c.14, U71: says to the books why it is refused, and of whom only with a right signature", () => {
    const text = signed();
    const whys: readonly (readonly [GrantVerdict, why: string, isKnown: boolean])[] = [
      [judge(""), "malformed", false],
      [judge("a".repeat(maxGrantLength + 1)), "malformed", false],
      [judge(forge(payloadOf(text).with(6, "never"))), "malformed", false],
      [judge(text, { method: "PUT" }), "wrong_secret", false],
      [
        judge(text, { method: "PUT", now: grant.expiresAt, standing: "ended" }),
        "wrong_secret",
        false,
      ],
      [judge(text, { now: grant.expiresAt, standing: "ended" }), "expired", true],
      [judge(text, { standing: "ended" }), "state", true],
    ];
    for (const [verdict, why, isKnown] of whys) {
      const known = isKnown ? grant : undefined;
      assert.deepEqual(verdict, { kind: "refused", why, grant: known });
    }
  });

  it("asks about the standing of the version at which it was signed", () => {
    const asked: unknown[] = [];
    const identifier: Pick<Identifier, "standing"> = {
      standing: (...question) => {
        asked.push(question);
        return "current";
      },
    };
    verifyGrant(keyring, identifier, signed(), use, now);
    assert.deepEqual(asked, [["11111111-2222-4333-8444-555555555555", 7n]]);
  });

  it("has its signature looked at before its expiry and its standing", () => {
    const asked: string[] = [];
    const watched = {
      ...keyring,
      verify: () => {
        asked.push("signature");
        return "bad" as const;
      },
    };
    const identifier: Pick<Identifier, "standing"> = {
      standing: () => {
        asked.push("standing");
        return "ended";
      },
    };
    verifyGrant(watched, identifier, signed(), use, grant.expiresAt + 1);
    assert.deepEqual(asked, ["signature"]);
  });

  it("U20: nobody can tell while its key may be good but is not here", () => {
    const text = signed().replace("fgu1.k1.", "fgu1.elsewhere.");
    assert.deepEqual(verify(text), { kind: "unknown" });
  });

  it("A31: is refused after any change of its text, by another key and by none", () => {
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
        assert.equal(verify(changed).kind === "good", changed === text);
      }),
      { numRuns: 2_000 },
    );
    const other = signGrant(plainKeyring(["k1", "second"]), use, grant) ?? "";
    assert.deepEqual(verify(other), refused);
    assert.equal(signGrant(plainKeyring(), use, grant), undefined);
    for (const shown of ["", "fgu1...", "a".repeat(maxGrantLength + 1)]) {
      assert.deepEqual(verify(shown), refused);
    }
  });

  it("has no field that can be changed, by whoever has no key", () => {
    const fields = payloadOf(signed());
    assert.equal(verify(forge(fields)).kind, "good");
    const [head, key, , mac] = signed().split(".");
    for (const [index, value] of fields.entries()) {
      const changed = fields.with(index, value === "0" ? "1" : `${value}0`);
      const payload = Buffer.from(JSON.stringify(changed)).toString("base64url");
      assert.deepEqual(verify([head, key, payload, mac].join(".")), refused, `field ${index}`);
    }
  });

  it("has one text: what is not written as we write it is refused, even if signed", () => {
    const fields = payloadOf(signed());
    const json = JSON.stringify(fields);
    for (const other of [` ${json}`, json.replace("demo", "\\u0064emo"), `{"0":"demo:ci"}`, ""]) {
      assert.deepEqual(verify(forge(fields, other)), refused, other);
    }
    // The number of each is another text.
    for (const [index, value] of [
      [3, "03"],
      [4, "+7"],
      [4, "7.0"],
      [6, "1e15"],
      [6, ""],
      [7, "2"],
      [7, ""],
      [0, ""],
      [1, "nobody"],
      [1, ""],
      [2, ""],
      [5, ""],
      [0, "\ud800"],
    ] as const) {
      assert.deepEqual(verify(forge(fields.with(index, value))), refused, `${index}: ${value}`);
    }
    assert.deepEqual(verify(forge([...fields, ""])), refused);
    assert.deepEqual(verify(forge(fields.slice(1))), refused);
  });
});
