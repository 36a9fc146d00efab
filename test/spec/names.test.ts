import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  globMatches,
  isIdentity,
  isPermissionName,
  isPoolName,
  isRealmName,
  isSameIdentity,
  isTaskId,
} from "./names.ts";

type Case = readonly [text: string, expected: boolean];

function testTable(rule: (text: string) => boolean, cases: readonly Case[]): void {
  for (const [text, expected] of cases) {
    test(`${expected ? "takes" : "refuses"} ${JSON.stringify(text.slice(0, 80))}`, () => {
      assert.equal(rule(text), expected);
    });
  }
}

describe("isIdentity", () => {
  testTable(isIdentity, [
    ["user:ann@example.com", true],
    ["user:Ann.B+c%d_e-f@Example", true],
    ["user:ann", false],
    ["user:@example.com", false],
    ["user:ann@", false],
    ["user:a@b@c", false],
    ["user:ann@example.com\n", false],
    ["user:ann@exa+mple.com", false],
    ["User:ann@example.com", false],
    ["bot:vm1.zone@realm", true],
    ["bot:a:b", false],
    ["bot:", false],
    ["runner:r-1", true],
    ["project:chromium-m120", true],
    ["project:Chromium", false],
    ["service:a:b.c", true],
    ["service:a@b", false],
    ["task:0a_Z-", true],
    [`task:${"t".repeat(64)}`, true],
    [`task:${"t".repeat(65)}`, false],
    ["task:a.b", false],
    ["anonymous:anonymous", true],
    ["anonymous:ann", false],
    ["group:all", false],
    ["ann@example.com", false],
    ["", false],
    [`bot:${"b".repeat(508)}`, true],
    [`bot:${"b".repeat(509)}`, false],
    ["constructor:x", false],
  ]);
});

describe("isSameIdentity", () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["user:Ann@X.com", "user:ann@x.COM", true],
    ["bot:VM", "bot:vm", false],
    ["service:A", "service:a", false],
    ["user:ann@x", "bot:ann@x", false],
  ];
  for (const [left, right, expected] of cases) {
    test(`${left} and ${right}: ${expected}`, () => {
      assert.equal(isSameIdentity(left, right), expected);
      assert.equal(isSameIdentity(right, left), expected);
    });
  }
});

describe("globMatches", () => {
  const cases: readonly (readonly [glob: string, identity: string, expected: boolean])[] = [
    ["user:*", "user:ann@x.com", true],
    ["user:*@x.com", "user:ann@x.com", true],
    ["user:*@x.com", "user:ann@xxcom", false],
    ["user:*@x.com", "user:ann@x.com.evil", false],
    ["user:ann*", "user:mary-ann@x.com", false],
    ["user:ann@x.com", "user:ann@x.com", true],
    ["user:ann@x.com", "user:Ann@x.com", false],
    ["user:a*n*m", "user:ann@x.com", true],
    ["user:a**m", "user:ann@x.com", true],
    ["user:ann@x.com*", "user:ann@x.com", true],
    ["user:an*nn@x.com", "user:ann@x.com", false],
    ["bot:*", "user:ann@x.com", false],
    ["service:a:*", "service:a:b", true],
    ["anonymous:*", "anonymous:anonymous", true],
    ["user:[a]*", "user:ann@x.com", false],
  ];
  for (const [glob, identity, expected] of cases) {
    test(`${glob} ${expected ? "matches" : "does not match"} ${identity}`, () => {
      assert.equal(globMatches(glob, identity), expected);
    });
  }
});

describe("isPermissionName", () => {
  testTable(isPermissionName, [
    ["swarming.tasks.get", true],
    ["a.b.c", true],
    ["å.b c.d", true],
    ["a.b", false],
    ["a.b.c.d", false],
    ["a..c", false],
    [".b.c", false],
    ["", false],
    ["a.b.c\n", false],
    [`a.b.${"c".repeat(196)}`, true],
    [`a.b.${"c".repeat(197)}`, false],
  ]);
});

describe("isPoolName", () => {
  testTable(isPoolName, [
    ["chromium.tests", true],
    ["a b", true],
    ["Pool/ä", true],
    ["", false],
    [" a", false],
    ["a ", false],
    ["a:b", false],
    ["a\tb", false],
    ["a\u0085b", false],
    ["a\u2028b", false],
    ["a\ud800", false],
    ["a\ud83d\ude00", true],
    ["p".repeat(256), true],
    ["p".repeat(257), false],
  ]);
});

describe("isRealmName", () => {
  testTable(isRealmName, [
    ["p:r", true],
    ["p:a/b.c-d_e", true],
    ["p:@root", true],
    ["p:@legacy", true],
    ["p:@project", true],
    ["p:@other", false],
    ["@internal:r", true],
    ["@other:r", false],
    ["p:a:b", false],
    ["P:r", false],
    ["p:R", false],
    ["p:", false],
    [":r", false],
    ["p", false],
    [`${"p".repeat(100)}:${"r".repeat(400)}`, true],
    [`${"p".repeat(101)}:r`, false],
    [`p:${"r".repeat(401)}`, false],
  ]);
});

describe("isTaskId", () => {
  testTable(isTaskId, [
    ["5f3e1c", true],
    ["a:b c ", true],
    ["", false],
    ["a\u0000", false],
    ["t".repeat(257), false],
  ]);
});
