import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { defaultSettings } from "../../../src/domain/model.ts";
import { anonymousIdentity } from "../../../src/domain/identity.ts";
import { permitted } from "../../../src/engine/decision.ts";
import type { Explanation, Membership, Step } from "../../../src/engine/inspect/explanation.ts";
import type { CheckQuestion } from "../../../src/engine/inspect/question.ts";
import { readingOf } from "../../../src/engine/inspect/reading.ts";
import { redactExplanation } from "../../../src/engine/inspect/redact.ts";
import { group, id } from "../world.ts";
import { inspect } from "./inspect-world.ts";

const permission = "swarming.pools.createTask";

/** The reading of somebody who owns the groups. */
const owns = (...groups: readonly string[]) =>
  ({ kind: "own_groups", mayRead: (name: string) => groups.includes(name) }) as const;

/** A chain of groups, from the one that lists the caller up. */
function chain(...groups: readonly string[]): readonly Membership[] {
  return groups.map((name, index) => ({
    group: name,
    reason:
      index === 0
        ? { kind: "member", member: "user:Ann@x.com" }
        : { kind: "nested", nested: groups[index - 1] ?? "" },
    source: `source-of-${name}`,
  }));
}

/** A step that says yes by a chain of groups. */
function yes(parts: Partial<Step>, ...groups: readonly string[]): Step {
  return {
    kind: "pool",
    result: "permitted",
    permission,
    pool: "ci",
    realm: "acme:hidden",
    answeringRealm: "acme:@root",
    groups: ["secret-level"],
    ...parts,
    witness: {
      memberships: chain(...groups),
      settings: ["adminsGroup"],
      binding: {
        realm: "acme:@root",
        inheritance: ["acme:hidden", "acme:@root"],
        role: "role/secret",
        rolePath: ["role/secret"],
        principal: `group:${groups.at(-1) ?? ""}`,
        source: "main",
      },
    },
  };
}

const no: Step = {
  ...yes({ kind: "server", result: "not_in_groups", pool: "", realm: "", answeringRealm: "" }),
  witness: undefined,
};

function allowed(...steps: readonly Step[]): Explanation {
  return { decision: permitted, pools: [], revision: 7n, steps, grants: [] };
}

const denied: Explanation = {
  decision: { permitted: false, denial: { message: "no", metadata: {} } },
  pools: [],
  revision: 7n,
  steps: [no, { ...no, kind: "pool", result: "not_a_principal", pool: "ci", realm: "acme:hidden" }],
  grants: [{ changes: [{ kind: "add_member", group: "mine", member: "user:ann@x.com" }], size: 1 }],
};

const aboutPool: CheckQuestion = { check: "pool", permission, pool: "ci" };

/** The groups of the only step that is left, hidden ones as "?". */
function groupsLeft(explanation: Explanation, ...own: readonly string[]): readonly string[] {
  const left = redactExplanation(explanation, aboutPool, owns(...own));
  assert.ok(left === undefined || left.steps.length === 1);
  return (left?.steps[0]?.witness?.memberships ?? []).map(({ group: name }) => name || "?");
}

describe("redactExplanation", () => {
  it("leaves a reader everything, of allows and of denials", () => {
    for (const explanation of [allowed(no, yes({}, "a", "b")), denied]) {
      const { revision, steps, grants } = explanation;
      assert.deepEqual(redactExplanation(explanation, aboutPool, { kind: "everything" }), {
        revision,
        steps,
        grants,
        redacted: false,
      });
    }
  });

  it("leaves others nothing of a denial, be their own groups in its grants", () => {
    for (const reading of [owns("mine"), { kind: "nothing" } as const]) {
      assert.equal(redactExplanation(denied, aboutPool, reading), undefined);
    }
  });

  it("leaves others nothing of a denial that some pools did allow", () => {
    const question: CheckQuestion = { check: "all_pools", permission, pools: ["a", "b"] };
    const mixed = { ...denied, steps: [no, yes({ pool: "a" }, "mine"), no] };
    assert.equal(redactExplanation(mixed, question, owns("mine")), undefined);
  });

  it("leaves nothing of an allow when no group on the way may be read", () => {
    const allow = allowed(no, yes({}, "a", "b"));
    assert.equal(redactExplanation(allow, aboutPool, { kind: "nothing" }), undefined);
    assert.equal(redactExplanation(allow, aboutPool, owns("c")), undefined);
    // The caller itself is named: there is no group at all.
    assert.equal(redactExplanation(allowed(yes({})), aboutPool, owns("a")), undefined);
    // A group that would be reached in another way is not part of the proof.
    assert.equal(redactExplanation(allow, aboutPool, owns("secret-level")), undefined);
  });

  it("collapses what lies between the groups that may be read, however much it is", () => {
    const long = allowed(yes({}, "a", "b", "c", "d", "e", "f"));
    assert.deepEqual(groupsLeft(long, "c"), ["?", "c", "?"]);
    assert.deepEqual(groupsLeft(long, "a", "f"), ["a", "?", "f"]);
    assert.deepEqual(groupsLeft(long, "a", "b"), ["a", "b", "?"]);
    assert.deepEqual(groupsLeft(long, "b", "d"), ["?", "b", "?", "d", "?"]);
    assert.deepEqual(groupsLeft(allowed(yes({}, "a")), "a"), ["a"]);
    assert.deepEqual(groupsLeft(allowed(yes({}, "z", "y", "a")), "a"), ["?", "a"]);
    assert.deepEqual(groupsLeft(allowed(yes({}, "z", "a")), "a"), ["?", "a"]);
  });

  it("leaves exactly the memberships of groups that may be read, and says no more of the others", () => {
    const left = redactExplanation(
      allowed(no, yes({ kind: "pool" }, "one", "mine", "also", "two", "three", "last")),
      aboutPool,
      owns("mine", "also", "last"),
    );
    assert.deepEqual(left, {
      revision: 7n,
      steps: [
        {
          kind: "pool",
          result: "permitted",
          permission,
          pool: "ci",
          realm: "",
          answeringRealm: "",
          groups: [],
          witness: {
            memberships: [
              { group: "", reason: undefined, source: "" },
              { group: "mine", reason: { kind: "nested", nested: "" }, source: "source-of-mine" },
              {
                group: "also",
                reason: { kind: "nested", nested: "mine" },
                source: "source-of-also",
              },
              { group: "", reason: undefined, source: "" },
              { group: "last", reason: { kind: "nested", nested: "" }, source: "source-of-last" },
            ],
            settings: [],
            binding: undefined,
          },
        },
      ],
      grants: [],
      redacted: true,
    });
  });

  const task = { taskId: "t", realm: "acme:hidden", pool: "ci", botId: "", submitter: "" };
  const places: readonly (readonly [string, CheckQuestion, Partial<Step>, string, string])[] = [
    ["a pool that is named", aboutPool, {}, "ci", ""],
    ["a pool of a list", { check: "any_pools", permission, pools: ["x", "ci"] }, {}, "ci", ""],
    ["a pool of a bot", { check: "bot", permission, botId: "b1" }, {}, "", ""],
    ["the pool of a task", { check: "task", permission, task }, {}, "ci", ""],
    [
      "a pool of the bot of a task",
      { check: "task", permission, task: { ...task, pool: "", botId: "b1" } },
      {},
      "",
      "",
    ],
    [
      "the realm of a task",
      { check: "task", permission, task },
      { kind: "realm", pool: "" },
      "",
      "acme:hidden",
    ],
    [
      "a realm that is named",
      { check: "create_in_realm", realm: "acme:hidden" },
      { kind: "realm", pool: "" },
      "",
      "acme:hidden",
    ],
    [
      "the server level",
      { check: "server", permission },
      { kind: "server", pool: "", realm: "", answeringRealm: "" },
      "",
      "",
    ],
  ];
  for (const [what, question, parts, pool, realm] of places) {
    it(`of ${what} names no place but what the question named`, () => {
      const left = redactExplanation(allowed(yes(parts, "mine")), question, owns("mine"));
      const [step] = left?.steps ?? [];
      assert.deepEqual(
        { pool: step?.pool, realm: step?.realm, answering: step?.answeringRealm },
        { pool, realm, answering: "" },
      );
    });
  }

  it("of several pools that all say yes leaves those of whose proof something may be read", () => {
    const question: CheckQuestion = { check: "all_pools", permission, pools: ["a", "b", "c"] };
    const left = redactExplanation(
      allowed(no, yes({ pool: "a" }, "x"), yes({ pool: "b" }, "mine"), yes({ pool: "c" })),
      question,
      owns("mine"),
    );
    assert.deepEqual(
      left?.steps.map(({ pool }) => pool),
      ["b"],
    );
  });

  it("never shows a word that belongs to what may not be read, whatever the way", () => {
    const names = ["g1", "g2", "g3", "g4", "g5", "g6"];
    fc.assert(
      fc.property(
        fc.shuffledSubarray(names),
        fc.subarray(names),
        fc.constantFrom<CheckQuestion>(
          { check: "bot", permission, botId: "b1" },
          { check: "server", permission },
        ),
        (way, own, question) => {
          const left = redactExplanation(allowed(no, yes({}, ...way)), question, owns(...own));
          const shown = JSON.stringify(left?.steps ?? []);
          for (const name of names) {
            const readable = own.includes(name) && way.includes(name);
            assert.equal(shown.includes(`"${name}"`), readable, name);
            assert.equal(shown.includes(`"source-of-${name}"`), readable, name);
          }
          assert.doesNotMatch(shown, /acme|"ci"|role|secret|adminsGroup|"main"/);
          assert.equal(left === undefined, !way.some((name) => own.includes(name)));
          assert.doesNotMatch(shown, /\{"group":"","source":""\},\{"group":"","source":""\}/);
        },
      ),
    );
  });
});

describe("readingOf", () => {
  const groups = [
    group("administrators", { members: ["user:root@x.com"] }),
    group("readers", { members: ["user:reader@x.com", "anonymous:anonymous"] }),
    group("leads", { members: ["user:lead@x.com"], nested: ["deputies"], owners: "readers" }),
    group("deputies", { members: ["user:deputy@x.com"] }),
    group("team", { members: ["user:ann@x.com"], owners: "leads" }),
    group("other", { owners: "administrators" }),
  ];
  const inspection = inspect({
    groups,
    settings: { ...defaultSettings, readersGroup: "readers" },
  });
  const reading = (who: string) => readingOf(inspection, id(who));

  it("is everything for administrators and readers", () => {
    assert.equal(reading("user:root@x.com").kind, "everything");
    assert.equal(reading("user:reader@x.com").kind, "everything");
  });

  it("is the groups that one owns, at any depth of the owners group, and no other", () => {
    for (const who of ["user:lead@x.com", "user:deputy@x.com"]) {
      const found = reading(who);
      assert.ok(found.kind === "own_groups");
      const own = ["administrators", "readers", "leads", "deputies", "team", "other", "ghost"];
      assert.deepEqual(own.filter(found.mayRead), ["team"], who);
    }
  });

  it("is nothing for members, strangers and the anonymous", () => {
    for (const who of ["user:ann@x.com", "user:zoe@x.com", anonymousIdentity]) {
      assert.equal(reading(who).kind, "nothing", who);
    }
  });
});
