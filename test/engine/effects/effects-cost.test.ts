import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toEntities } from "../../../src/config/entities.ts";
import { DomainError } from "../../../src/domain/errors.ts";
import type { EntityChange } from "../../../src/domain/entity.ts";
import { emptyConfiguration, type Configuration, type Group } from "../../../src/domain/model.ts";
import { computeEffects, countEffects } from "../../../src/engine/effects/compute-effects.ts";
import type { EffectsInput } from "../../../src/engine/effects/compute-effects.ts";
import { maxEffects } from "../../../src/engine/effects/effects.ts";
import type { GroupEntry, GroupGraph } from "../../../src/engine/group-graph.ts";
import type { Inspection } from "../../../src/engine/inspect/inspection.ts";
import {
  inspectChanges,
  inspectConfigurationChange,
} from "../../conformance/support/effects-world.ts";
import { group } from "../world.ts";
import { inShort } from "./effects-in-short.ts";

const role = "role/swarming.poolUser";

/** A project `p` in whose realms these principals may create tasks. */
function bind(realms: Readonly<Record<string, readonly string[]>>): Configuration["projects"] {
  const list = Object.entries(realms).map(([name, principals]) => ({
    name,
    extends: [],
    bindings: principals.length === 0 ? [] : [{ role, principals, conditions: [] }],
  }));
  return [{ name: "p", customRoles: [], realms: list }];
}

function people(count: number, from = 0): readonly string[] {
  const name = (index: number): string => `user:n${String(index + from).padStart(7, "0")}@x.com`;
  return Array.from({ length: count }, (_, index) => name(index));
}

/** So many groups of a hundred members each, in two realms each, and all nested in one group. */
function bigFleet(groupCount: number): Configuration {
  const names = Array.from({ length: groupCount }, (_, index) => `g${index}`);
  const groups: readonly Group[] = [
    group("everybody", { nested: names }),
    ...names.map((name, index) => group(name, { members: people(100, index * 50) })),
  ];
  const realms = names.flatMap((name, index) => [
    [`a${index}`, [`group:${name}`]] as const,
    [`b${index}`, [`group:${name}`]] as const,
  ]);
  return { ...emptyConfiguration, groups, projects: bind(Object.fromEntries(realms)) };
}

/** Counts what is asked of the groups of both states. */
function countReads(input: EffectsInput): {
  readonly counted: EffectsInput;
  readonly reads: () => number;
} {
  let reads = 0;
  const counting = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(of, name) {
        const value: unknown = Reflect.get(of, name, of);
        if (typeof value !== "function") return value;
        return (...args: readonly unknown[]): unknown => {
          reads += 1;
          const result: unknown = Reflect.apply(value, of, args);
          return name === "entries" || name === "keys" || name === "values"
            ? countItems(result as Iterable<unknown>)
            : name === "entry" && result !== undefined
              ? countEntry(result as GroupEntry)
              : result;
        };
      },
    });
  function* countItems(items: Iterable<unknown>): Generator {
    for (const item of items) {
      reads += 1;
      yield item;
    }
  }
  const countEntry = (entry: GroupEntry): GroupEntry => ({
    ...entry,
    members: counting(entry.members),
  });
  const groups = new Map<GroupGraph, GroupGraph>();
  const inspect = (inspection: Inspection): Inspection => {
    const graph = inspection.snapshot.groups;
    const counted = groups.get(graph) ?? counting(graph);
    groups.set(graph, counted);
    return { ...inspection, snapshot: { ...inspection.snapshot, groups: counted } };
  };
  return {
    counted: { ...input, before: inspect(input.before), after: inspect(input.after) },
    reads: () => reads,
  };
}

function addMember(group: string, member: string): EntityChange {
  return {
    kind: "group_member",
    key: `${group} ${member}`,
    before: undefined,
    after: { group, member },
  };
}

describe("the cost of effects", () => {
  it("of one member is the same in a fleet that is a hundred times as large", () => {
    const readsOf = (groupCount: number): number => {
      const change = addMember("g3", "user:new@x.com");
      const { counted, reads } = countReads(inspectChanges(bigFleet(groupCount), [change]));
      const found = computeEffects({ ...counted, summaryOnly: false });
      assert.deepEqual(inShort(found), [
        "+ identity user:new@x.com p:a3: createTask",
        "+ identity user:new@x.com p:b3: createTask",
      ]);
      return reads();
    };
    const small = readsOf(10);
    assert.ok(small > 0 && small < 100, String(small));
    assert.equal(readsOf(1_000), small);
  });

  it("of a change of groups looks at the places of the policy once", () => {
    const fleet = bigFleet(100);
    const input = inspectChanges(fleet, [addMember("g3", "user:new@x.com")]);
    let looks = 0;
    const { realms } = input.after.snapshot;
    const counting = {
      ...realms,
      findRealm(name: string) {
        looks += 1;
        return realms.findRealm(name);
      },
    };
    const counted = (inspection: Inspection): Inspection => ({
      ...inspection,
      snapshot: { ...inspection.snapshot, realms: counting },
    });
    const both = { ...input, before: counted(input.before), after: counted(input.after) };
    countEffects(both);
    assert.ok(looks > 0);
    looks = 0;
    countEffects(both);
    assert.equal(looks, 0);
  });

  it("of a nesting asks about everybody who is nested once, in however many places", () => {
    const realms = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`r${index}`, ["group:all", `group:g${index}`]]),
    );
    const parts = { ...emptyConfiguration, projects: bind(realms) };
    const groups = (nested: readonly string[]): Configuration => ({
      ...parts,
      groups: [group("all", { nested }), group("team", { members: people(1_000) })],
    });
    const input = inspectConfigurationChange(groups([]), groups(["team"]));
    const { counted, reads } = countReads(input);
    const found = computeEffects({ ...counted, summaryOnly: false });
    assert.deepEqual(found.gained, { identities: 1_000, globs: 0 });
    assert.equal(found.effects.length, 200);
    assert.ok(reads() < 30_000, String(reads()));
  });
});

describe("the limit of effects", () => {
  const members = people(maxEffects);
  const before: Configuration = {
    ...emptyConfiguration,
    projects: bind({ ci: ["group:all"] }),
    groups: [group("all", { members: [] })],
  };
  const created = (count: number): readonly EntityChange[] =>
    toEntities({ ...before, groups: [group("all", { members: members.slice(0, count) })] }).flatMap(
      (entity) => (entity.kind === "group_member" ? [addMember("all", entity.body.member)] : []),
    );

  it("is reached", () => {
    const input = inspectChanges(before, created(maxEffects));
    assert.equal(computeEffects({ ...input, summaryOnly: false }).effects.length, maxEffects);
  });

  it("is kept: one more is refused, but for a summary", () => {
    const input = inspectChanges(before, [
      ...created(maxEffects),
      addMember("all", "user:zz@x.com"),
    ]);
    assert.throws(
      () => computeEffects({ ...input, summaryOnly: false }),
      (error: unknown) =>
        error instanceof DomainError &&
        error.reason === "LIMIT_EXCEEDED" &&
        error.metadata["limit"] === "effects",
    );
    const { gained } = computeEffects({ ...input, summaryOnly: true });
    assert.deepEqual(gained, { identities: maxEffects + 1, globs: 0 });
  });
});
