import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { createBotIndex } from "../../src/engine/bot-index.ts";
import { bots } from "./world.ts";

describe("poolsOfBot", () => {
  const fleet = createBotIndex([
    bots("listed", { botIds: ["host", "vm{08..10}-m1"], pools: ["listed"] }),
    bots("override", { botIds: ["host--7"], pools: ["override"] }),
    bots("prefixed", { botIdPrefixes: ["vm", "mac-"], pools: ["prefixed"] }),
    bots("dashes", { botIdPrefixes: ["dash--"], pools: ["dashes"] }),
    bots("poolless", { botIds: ["poolless"] }),
    bots("many", { botIds: ["many"], pools: ["b", "a", "B", "a"] }),
    bots("default", { pools: ["default"] }),
  ]);
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ["a listed id is in its group", "host", ["listed"]],
    ["ids compare exactly", "Host", ["default"]],
    ["ids of a number set are listed", "vm08-m1", ["listed"]],
    ["a listed id wins over the prefix of another group", "vm09-m1", ["listed"]],
    ["an id beyond the set has only its prefix", "vm11-m1", ["prefixed"]],
    ["an id that equals a prefix has it", "vm", ["prefixed"]],
    ["an id that is shorter than the prefix does not", "mac", ["default"]],
    ["the prefix must be at the start", "xvm1", ["default"]],
    ["a composite id belongs to its host", "host--1", ["listed"]],
    ["a composite id that is listed in full overrides its host", "host--7", ["override"]],
    ["the host ends at the first separator", "host--7--1", ["listed"]],
    ["a composite id has the prefix of its host", "vm1--2", ["prefixed"]],
    ["no prefix is tried on the whole composite id", "dash--1", ["default"]],
    ["an id that starts with the separator has an empty host", "--7", ["default"]],
    ["one dash separates nothing", "host-7", ["default"]],
    ["a group without pools is in unassigned", "poolless", ["unassigned"]],
    ["pools are sorted and distinct", "many", ["B", "a", "b"]],
    ["everything else is in the default group", "unheard-of", ["default"]],
  ];
  for (const [name, botId, pools] of cases) {
    it(`${name}: ${botId}`, () => {
      assert.deepEqual(fleet.poolsOfBot(botId), pools);
    });
  }

  it("is unassigned when there is no default group, or no bot group at all", () => {
    const some = createBotIndex([bots("g", { botIds: ["b"], pools: ["p"] })]);
    assert.deepEqual(some.poolsOfBot("other"), ["unassigned"]);
    assert.deepEqual(createBotIndex([]).poolsOfBot("b"), ["unassigned"]);
  });

  it("is unassigned when the default group has no pools", () => {
    assert.deepEqual(createBotIndex([bots("default")]).poolsOfBot("b"), ["unassigned"]);
  });

  it("finds the same prefix as looking at every one of them", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "\u{1f600}"), maxLength: 5 });
    fc.assert(
      fc.property(fc.array(letters), letters, (texts, botId) => {
        const prefixes = [...new Set(texts)].filter(
          (text) =>
            text !== "" &&
            !texts.some((other) => other !== text && other !== "" && text.startsWith(other)),
        );
        const index = createBotIndex(
          prefixes.map((prefix) => bots("g", { botIdPrefixes: [prefix], pools: [prefix] })),
        );
        const expected = prefixes.find((prefix) => botId.startsWith(prefix)) ?? "unassigned";
        assert.deepEqual(index.poolsOfBot(botId), [expected]);
      }),
    );
  });
});

describe("createBotIndex", () => {
  const fault = { reason: "INTERNAL_FAULT" };

  it("refuses one id in two groups, written out or in a set", () => {
    const groups = [bots("a", { botIds: ["vm{1..3}"] }), bots("b", { botIds: ["vm2"] })];
    assert.throws(() => createBotIndex(groups), fault);
  });

  it("refuses equal prefixes and one that is the start of another", () => {
    for (const other of ["vm", "vm-", "v"]) {
      const groups = [
        bots("a", { botIdPrefixes: ["vm"] }),
        bots("b", { botIdPrefixes: [other, "x"] }),
      ];
      assert.throws(() => createBotIndex(groups), fault, other);
    }
  });

  it("refuses a second default group", () => {
    assert.throws(() => createBotIndex([bots("a"), bots("b")]), fault);
  });

  it("refuses a malformed set rather than let its bots fall to another group", () => {
    assert.throws(() => createBotIndex([bots("a", { botIds: ["vm{2..1}"] })]), fault);
  });
});
