import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defaultSettings, type Delegation } from "../../src/domain/model.ts";
import { mayAskOnBehalf, type Question } from "../../src/engine/delegation.ts";
import { bots, group, id, pool, world, worldWithWarnings } from "./world.ts";

const scheduler = id("service:scheduler");
const ann = id("user:ann@x.com");
const nothing: Question = { permission: "swarming.tasks.get", pools: [], bots: [], realms: [] };

function ask(
  delegations: readonly Partial<Delegation>[],
  question: Partial<Question> = {},
  caller = ann,
  peer = scheduler,
): boolean {
  const snapshot = world({
    settings: {
      ...defaultSettings,
      delegations: delegations.map((parts) => ({
        group: "askers",
        callerGlobs: [],
        permissions: [],
        realms: [],
        ...parts,
      })),
    },
    groups: [group("askers", { members: ["service:scheduler"] })],
    pools: [pool("one", "p:one"), pool("two", "p:two"), pool("uno", "p:one")],
    botGroups: [
      bots("single", { botIds: ["single"], pools: ["one", "uno"] }),
      bots("double", { botIds: ["double"], pools: ["one", "two"] }),
      bots("lost", { botIds: ["lost"], pools: ["one", "gone"] }),
    ],
  });
  return mayAskOnBehalf(snapshot, peer, caller, { ...nothing, ...question });
}

describe("mayAskOnBehalf", () => {
  it("is no without a delegation", () => {
    assert.equal(ask([]), false);
  });

  it("is yes for anybody and anything under a delegation without limits", () => {
    assert.equal(ask([{}]), true);
    assert.equal(ask([{}], { pools: ["one", "gone"], realms: ["q:r"], bots: ["lost"] }), true);
    assert.equal(ask([{}], {}, id("anonymous:anonymous")), true);
  });

  it("is no for a peer outside of the group, or when there is no such group", () => {
    assert.equal(ask([{}], {}, ann, id("service:other")), false);
    assert.equal(ask([{ group: "ghost" }]), false);
  });

  it("is no about tasks, whatever the delegation says", () => {
    assert.equal(ask([{}], {}, id("task:t1")), false);
    assert.equal(ask([{ callerGlobs: ["task:*"] }], {}, id("task:t1")), false);
  });

  it("needs one glob that matches the caller as given", () => {
    const callerGlobs = ["bot:*", "user:*@x.com"];
    assert.equal(ask([{ callerGlobs }]), true);
    assert.equal(ask([{ callerGlobs }], {}, id("bot:b")), true);
    assert.equal(ask([{ callerGlobs }], {}, id("user:ann@y.com")), false);
    assert.equal(ask([{ callerGlobs }], {}, id("user:ann@X.com")), false);
  });

  it("needs the permission to be in the list", () => {
    assert.equal(ask([{ permissions: ["swarming.tasks.get"] }]), true);
    assert.equal(ask([{ permissions: ["swarming.tasks.cancel"] }]), false);
  });

  it("does not put the limits of several delegations together", () => {
    const split = [{ callerGlobs: ["user:*"], permissions: ["a.b.c"] }, { callerGlobs: ["bot:*"] }];
    assert.equal(ask(split), false);
    assert.equal(ask([...split, {}]), true);
  });

  it("matches nobody with a malformed glob, and warns", () => {
    const delegation = { group: "askers", callerGlobs: ["*"], permissions: [], realms: [] };
    const { snapshot, warnings } = worldWithWarnings({
      settings: { ...defaultSettings, delegations: [delegation] },
      groups: [group("askers", { members: ["service:scheduler"] })],
    });
    assert.equal(mayAskOnBehalf(snapshot, scheduler, ann, nothing), false);
    assert.deepEqual(warnings, [{ kind: "malformed_delegation", name: "askers" }]);
  });
});

describe("mayAskOnBehalf within realms", () => {
  const cases: readonly (readonly [string, readonly string[], Partial<Question>, boolean])[] = [
    ["the server level touches no realm", ["p:one"], {}, false],
    ["the realm is listed", ["p:one", "p:two"], { realms: ["p:two"] }, true],
    ["the realm is not listed", ["p:one"], { realms: ["p:two"] }, false],
    ["one of two realms is not listed", ["p:one"], { realms: ["p:one", "p:two"] }, false],
    ["two realms are listed", ["p:one", "p:two"], { realms: ["p:one", "p:two"] }, true],
    ["a root does not stand for its realms", ["p:@root"], { realms: ["p:one"] }, false],
    ["the realm of the pool is listed", ["p:one"], { pools: ["one"] }, true],
    ["the realm of the pool is not listed", ["p:one"], { pools: ["two"] }, false],
    ["all pools are in listed realms", ["p:one", "p:two"], { pools: ["one", "two", "uno"] }, true],
    ["one pool is in another realm", ["p:one"], { pools: ["one", "two"] }, false],
    ["an unknown pool is in no realm", ["p:one"], { pools: ["gone"] }, false],
    ["an unknown pool spoils the known ones", ["p:one"], { pools: ["one", "gone"] }, false],
    ["all pools of the bot are in listed realms", ["p:one"], { bots: ["single"] }, true],
    ["one pool of the bot is in another realm", ["p:one"], { bots: ["double"] }, false],
    ["one pool of the bot is unknown", ["p:one"], { bots: ["lost"] }, false],
    [
      "all pools of both bots are in listed realms",
      ["p:one", "p:two"],
      { bots: ["single", "double"] },
      true,
    ],
    ["one pool of one bot is in another realm", ["p:one"], { bots: ["single", "double"] }, false],
    ["a bot that nobody knows is in an unknown pool", ["p:one"], { bots: ["stranger"] }, false],
    [
      "realm and pool are both listed",
      ["p:one", "p:two"],
      { realms: ["p:two"], pools: ["one"] },
      true,
    ],
    [
      "the realm is listed, the pool's is not",
      ["p:two"],
      { realms: ["p:two"], pools: ["one"] },
      false,
    ],
    [
      "the pool's realm is listed, the realm is not",
      ["p:one"],
      { realms: ["p:two"], pools: ["one"] },
      false,
    ],
    [
      "the realm is listed, the bot's are not",
      ["p:one"],
      { realms: ["p:one"], bots: ["double"] },
      false,
    ],
  ];
  for (const [name, realms, question, expected] of cases) {
    it(`is ${expected ? "yes" : "no"} when ${name}`, () => {
      assert.equal(ask([{ realms }], question), expected);
    });
  }
});
