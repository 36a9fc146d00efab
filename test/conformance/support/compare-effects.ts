import assert from "node:assert/strict";
import type { Effect, Effects } from "../../../src/engine/effects/effects.ts";
import {
  effectKey,
  mayAt,
  probe,
  realmAt,
  universeOf,
  withProbe,
  withProbeIn,
  type SpecEffect,
} from "../../spec/effects.ts";
import { isMember } from "../../spec/membership.ts";
import { projectOfRealm } from "../../spec/names.ts";
import { faultsOfWitness, fewestMemberships, type Sources } from "../../spec/witness.ts";
import type { World } from "../../spec/world.ts";
import { count, type Counts } from "./counts.ts";

const ofMain: Sources = { ofGroup: () => "main", ofProject: () => "main" };

/** Two worlds, and what the spec says of the change from one to the other. */
export interface Expected {
  readonly before: World;
  readonly after: World;
  readonly permissions: readonly string[];
  readonly effects: readonly SpecEffect[];
}

/** Asserts that effects say exactly what the spec says, in the fewest entries that groups allow, each proven. */
export function assertEffects(found: Effects, expected: Expected, counts: Counts): void {
  const { before, after, permissions } = expected;
  const universe = [
    ...new Set([...universeOf(before, permissions), ...universeOf(after, permissions)]),
  ];
  const worldOf = (effect: Effect): World => (effect.kind === "gained" ? after : before);
  const membersOf = (effect: Effect, group: string): readonly string[] =>
    universe.filter((it) => isMember(worldOf(effect), it, group));

  const byItself = new Set<string>();
  const byGroup = new Map<string, Effect[]>();
  for (const effect of found.effects) {
    count(counts, `${effect.kind} ${effect.principal.kind} ${effect.place.kind}`);
    const { kind, principal } = effect;
    const place = placeOf(effect);
    const covered =
      principal.kind === "group"
        ? membersOf(effect, principal.name).map((it) => `identity ${it}`)
        : [`${principal.kind} ${principal.name}`];
    assert.equal(effect.groupIdentities, principal.kind === "group" ? covered.length : 0);
    assert.ok(covered.length > 0, `nobody is in ${principal.name}`);
    assert.deepEqual(effect.permissions, [...new Set(effect.permissions)].toSorted());
    assert.ok(effect.permissions.length > 0);
    for (const permission of effect.permissions) {
      for (const who of covered) {
        const key = effectKey({ kind, principal: who, place, permission });
        if (principal.kind === "group") byGroup.set(key, [...(byGroup.get(key) ?? []), effect]);
        else {
          assert.ok(!byItself.has(key), `twice: ${key}`);
          byItself.add(key);
        }
      }
    }
    assertProves(worldOf(effect), effect);
    if (principal.kind === "group") assertGainsItself(expected, effect);
  }
  for (const key of byItself) assert.ok(!byGroup.has(key), `by itself and in a group: ${key}`);
  assert.deepEqual(
    [...byItself, ...byGroup.keys()].toSorted(),
    expected.effects.map(effectKey).toSorted(),
  );
  assertFolded(expected, byItself, universe);
  assertNotNested(byGroup, membersOf);
  assert.deepEqual({ gained: found.gained, lost: found.lost }, countsOf(expected.effects));
  assertOrder(found.effects);
}

function placeOf({ place }: Effect): string {
  switch (place.kind) {
    case "server":
      return "server";
    case "realm":
      return `realm ${place.realm}`;
    default:
      return `pool ${place.pool}`;
  }
}

/** How many of each kind gain and lose anything. */
export function countsOf(effects: readonly SpecEffect[]): Pick<Effects, "gained" | "lost"> {
  const distinct = (kind: string, what: string): number =>
    new Set(
      effects
        .filter((it) => it.kind === kind && it.principal.startsWith(`${what} `))
        .map(({ principal }) => principal),
    ).size;
  const of = (kind: string): Effects["gained"] => ({
    identities: distinct(kind, "identity"),
    globs: distinct(kind, "glob"),
  });
  return { gained: of("gained"), lost: of("lost") };
}

/** That nobody is named who is in a group that gains by itself and of which everybody gains. */
function assertFolded(
  { before, after, effects }: Expected,
  byItself: ReadonlySet<string>,
  universe: readonly string[],
): void {
  const all = new Set(effects.map(effectKey));
  for (const effect of effects) {
    const { kind, principal, place, permission } = effect;
    if (!principal.startsWith("identity ") || !byItself.has(effectKey(effect))) continue;
    const [from, to] = kind === "gained" ? [before, after] : [after, before];
    const who = principal.slice("identity ".length);
    for (const { name } of to.groups ?? []) {
      if (!isMember(to, who, name)) continue;
      const had = mayAt(withProbeIn(from, name), probe, place, permission);
      const has = mayAt(withProbeIn(to, name), probe, place, permission);
      if (had || !has) continue;
      const everybody = universe
        .filter((it) => isMember(to, it, name))
        .every((it) => all.has(effectKey({ ...effect, principal: `identity ${it}` })));
      assert.ok(!everybody, `${name} could stand for ${effectKey(effect)}`);
    }
  }
}

/** That whoever was put into the group alone would gain, or lose. */
function assertGainsItself({ before, after }: Expected, effect: Effect): void {
  const [from, to] = effect.kind === "gained" ? [before, after] : [after, before];
  const { name } = effect.principal;
  const place = placeOf(effect);
  for (const permission of effect.permissions) {
    assert.ok(mayAt(withProbeIn(to, name), probe, place, permission), name);
    assert.ok(!mayAt(withProbeIn(from, name), probe, place, permission), name);
  }
}

/** That of two groups with the same effect neither has all members of the other. */
function assertNotNested(
  byGroup: ReadonlyMap<string, readonly Effect[]>,
  membersOf: (effect: Effect, group: string) => readonly string[],
): void {
  for (const effects of byGroup.values()) {
    for (const one of effects) {
      for (const other of effects) {
        if (one === other) continue;
        const members = membersOf(other, other.principal.name);
        const isWithin = membersOf(one, one.principal.name).every((it) => members.includes(it));
        assert.ok(!isWithin, `${one.principal.name} adds nobody to ${other.principal.name}`);
      }
    }
  }
}

const ranks = ["gained", "lost"];
const placeRanks = ["server", "realm", "pool"];
const principalRanks = ["identity", "group", "glob"];

function assertOrder(effects: readonly Effect[]): void {
  const keys = effects.map((effect) =>
    [
      ranks.indexOf(effect.kind),
      placeRanks.indexOf(effect.place.kind),
      placeOf(effect),
      principalRanks.indexOf(effect.principal.kind),
      effect.principal.name,
    ].join("\n"),
  );
  assert.deepEqual(keys, [...new Set(keys)].toSorted());
}

/** That the witness of an effect proves its first permission, and that none could be shorter. */
function assertProves(world: World, effect: Effect): void {
  const { principal, witness, permissions } = effect;
  const permission = permissions[0] ?? "";
  const proven = { permission, answeringRealm: answeringRealm(world, effect) };
  const { memberships } = witness;
  const says = JSON.stringify(effect);
  if (principal.kind === "identity") {
    const ofCaller = { ...proven, caller: principal.name };
    assert.deepEqual(faultsOfWitness(world, ofMain, ofCaller, witness), [], says);
    assert.equal(memberships.length, fewestMemberships(world, ofCaller), says);
    return;
  }
  // A probe stands for whoever the principal stands for: it comes in by one membership more than a group needs.
  const member = { kind: "member" as const, member: probe };
  const ofProbe = { ...proven, caller: probe };
  if (principal.kind === "group") {
    const probed = withProbeIn(world, principal.name);
    const first = { group: principal.name, reason: member, source: "main" };
    const claim = { ...witness, memberships: [first, ...memberships] };
    assert.deepEqual(faultsOfWitness(probed, ofMain, ofProbe, claim), [], says);
    assert.equal(memberships.length + 1, fewestMemberships(probed, ofProbe), says);
    return;
  }
  const probed = withProbe(world, principal.name);
  const [first, ...others] = memberships;
  assert.deepEqual(first?.reason, { kind: "glob", glob: principal.name }, says);
  const claim = { ...witness, memberships: [{ ...first, reason: member }, ...others] };
  assert.deepEqual(faultsOfWitness(probed, ofMain, ofProbe, claim as typeof witness), [], says);
  assert.equal(memberships.length, fewestMemberships(probed, ofProbe), says);
}

function answeringRealm(world: World, effect: Effect): string {
  const realm = realmAt(world, placeOf(effect));
  if (realm === undefined) return "";
  const name = projectOfRealm(realm);
  const project = (world.projects ?? []).find((it) => it.name === name);
  const isDefined = (project?.realms ?? []).some((it) => `${name}:${it.name}` === realm);
  return isDefined ? realm : `${name}:@root`;
}
