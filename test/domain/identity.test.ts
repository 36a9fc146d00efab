import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import {
  anonymousIdentity,
  foldIdentity,
  identityKind,
  identityKinds,
  isIdentityKind,
  maxIdentityLength,
  parseIdentity,
  type Identity,
} from "../../src/domain/identity.ts";

const good = [
  "anonymous:anonymous",
  "bot:vm-1_2.m@x",
  "bot:A",
  "project:chromium-m_9",
  "service:a:b.c-d_E",
  "user:ann@x",
  "user:A.b_c-d+e%f@X-y_z.Q",
  "user:a@-",
  "task:Az_-09",
  `task:${"t".repeat(64)}`,
  "runner:vm-1_2.m@x",
];

const bad = [
  "",
  ":",
  "user",
  "user:",
  ":ann@x",
  "User:ann@x",
  " user:ann@x",
  "robot:x",
  "group:g",
  "constructor:x",
  "__proto__:x",
  "anonymous:",
  "anonymous:anon",
  "anonymous:anonymous:anonymous",
  "bot:",
  "bot:a b",
  "bot:a:b",
  "bot:a+b",
  "bot:é",
  "project:P",
  "project:a.b",
  "project:@internal",
  "service:a@b",
  "service:a/b",
  "user:ann",
  "user:@x",
  "user:ann@",
  "user:a@b@c",
  "user:a b@x",
  "user:ann@x:y",
  "user:*@x",
  "user:ann@x\n",
  "user:ann\n@x",
  "user:\u212aim@x",
  "task:",
  "task:a.b",
  `task:${"t".repeat(65)}`,
  "runner:",
  "runner:a:b",
];

describe("parseIdentity (U14)", () => {
  for (const text of good) {
    it(`accepts ${JSON.stringify(text)} as it is`, () => {
      assert.equal(parseIdentity(text), text);
    });
  }
  for (const text of bad) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.equal(parseIdentity(text), undefined);
    });
  }

  it("refuses a text that is too long", () => {
    const longest = `bot:${"b".repeat(maxIdentityLength - 4)}`;
    assert.equal(parseIdentity(longest), longest);
    assert.equal(parseIdentity(`${longest}b`), undefined);
  });

  it("accepts the identity of peers without a credential", () => {
    assert.equal(parseIdentity(anonymousIdentity), anonymousIdentity);
  });
});

// Kind and value apart, each by its own pattern.
function isIdentityBySpec(text: string): boolean {
  const values: Readonly<Record<string, RegExp>> = {
    anonymous: /^anonymous$/,
    bot: /^[0-9a-zA-Z_\-.@]+$/,
    project: /^[a-z0-9\-_]+$/,
    service: /^[0-9a-zA-Z_\-:.]+$/,
    user: /^[0-9a-zA-Z_\-.+%]+@[0-9a-zA-Z_\-.]+$/,
    task: /^[0-9A-Za-z_-]{1,64}$/,
    runner: /^[0-9a-zA-Z_\-.@]+$/,
  };
  const colon = text.indexOf(":");
  const value = Object.entries(values).find(([kind]) => kind === text.slice(0, colon))?.[1];
  return colon >= 0 && text.length <= 512 && value?.test(text.slice(colon + 1)) === true;
}

describe("the one pattern of all identities (U14)", () => {
  it("accepts what the kind and its own pattern accept", () => {
    const kinds = fc.constantFrom(...identityKinds, "User", "group", "userx", "", "user:user");
    const part = fc.constantFrom(
      ..."aZ09_-.@+%:|()$^\\ \n\u212a\u0131é".split(""),
      "anonymous",
      "x@y",
    );
    const parts = fc.array(part, { maxLength: 5 }).map((list) => list.join(""));
    const values = fc.oneof(
      parts,
      fc.integer({ min: 60, max: 70 }).map((n) => "t".repeat(n)),
    );
    const texts = fc.tuple(kinds, fc.constantFrom(":", ":", ":", ""), values);
    fc.assert(
      fc.property(texts, (pieces) => {
        const text = pieces.join("");
        assert.equal(parseIdentity(text), isIdentityBySpec(text) ? text : undefined);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("identityKind", () => {
  it("is what stands before the first colon", () => {
    assert.equal(identityKind("service:a:b" as Identity), "service");
    assert.equal(identityKind("user:ann@x" as Identity), "user");
  });
});

describe("isIdentityKind", () => {
  it("knows the seven kinds and nothing else", () => {
    assert.deepEqual([...identityKinds].sort(), [
      "anonymous",
      "bot",
      "project",
      "runner",
      "service",
      "task",
      "user",
    ]);
    for (const kind of identityKinds) assert.equal(isIdentityKind(kind), true, kind);
    for (const text of ["", "USER", "group", "toString", "hasOwnProperty"]) {
      assert.equal(isIdentityKind(text), false, text);
    }
  });
});

describe("foldIdentity", () => {
  it("puts user: identities into lower case", () => {
    assert.equal(foldIdentity("user:Ann@X.Com" as Identity), "user:ann@x.com");
  });

  it("leaves all other kinds as they are", () => {
    for (const text of ["bot:B", "service:S", "task:T", "runner:R", "project:p"]) {
      assert.equal(foldIdentity(text as Identity), text);
    }
  });
});
