import assert from "node:assert/strict";
import type { Configuration } from "../../../src/domain/model.ts";
import type { Inspection } from "../../../src/engine/inspect/inspection.ts";
import { listPermissions } from "../../../src/engine/inspect/list-permissions.ts";
import { listPrincipals } from "../../../src/engine/inspect/list-principals.ts";
import type { PermittedPrincipal, Place } from "../../../src/engine/inspect/listings.ts";
import { lookupPrincipal } from "../../../src/engine/inspect/lookup-principal.ts";
import { inspectionOf } from "../../../src/replica/inspection.ts";
import { createOrigin } from "../../../src/replica/origin.ts";
import { ask } from "../../spec/ask.ts";
import { isMember } from "../../spec/membership.ts";
import { globMatches, isSameIdentity } from "../../spec/names.ts";
import { hasPermission } from "../../spec/realms.ts";
import { isDeclared } from "../../spec/roles.ts";
import type { World, WorldGroup } from "../../spec/world.ts";
import { configureWorld, identity } from "./engine-world.ts";

/** The inspection of a world that one source applies. */
export function inspectWorld(world: World): Inspection {
  const configuration: Configuration = configureWorld(world);
  return inspectionOf(createOrigin(1n, new Map([["main", configuration]])));
}

/** Who occurs in no world; to be put where it is to be seen who passes. */
const probe = "service:zz-probe";

/** Whether the spec lets somebody do something in a place. */
export function mayInPlace(world: World, who: string, permission: string, place: Place): boolean {
  switch (place.kind) {
    case "realm":
      return hasPermission(world, who, permission, place.realm);
    case "task": {
      const { taskId: task_id, realm, pool, botId: bot_id, submitter } = place.task;
      const task = { task_id, realm, pool, bot_id, submitter };
      return isYes(ask(world, { check: "task", caller: who, permission, task }));
    }
    case "bot":
      return isYes(ask(world, { check: "bot", caller: who, permission, bot_id: place.botId }));
    default:
      return isYes(
        ask(
          world,
          place.kind === "server"
            ? { check: "server", caller: who, permission }
            : { check: "pool", caller: who, permission, pool: place.pool },
        ),
      );
  }
}

function isYes(answer: ReturnType<typeof ask>): boolean {
  assert.ok(answer.answer === "permitted" || answer.answer === "denied", answer.answer);
  return answer.answer === "permitted";
}

/** Compares everything that listPermissions says with the spec; returns how many pairs were permitted. */
export function comparePermissions(
  world: World,
  inspection: Inspection,
  who: string,
  permissions: readonly string[],
): number {
  const realms = (world.projects ?? []).flatMap(({ name, realms = [] }) =>
    [...new Set(["@root", ...realms.map((realm) => realm.name)])].map((it) => `${name}:${it}`),
  );
  const declared = permissions.filter((permission) => isDeclared(world, permission)).toSorted();
  const places: readonly Place[] = [
    { kind: "server" },
    ...realms.toSorted().map((realm): Place => ({ kind: "realm", realm })),
    ...(world.pools ?? [])
      .map(({ name }) => name)
      .toSorted()
      .map((pool): Place => ({ kind: "pool", pool })),
  ];
  const expected = places
    .map((place) => ({
      place,
      permissions: declared.filter((it) => mayInPlace(world, who, it, place)),
    }))
    .filter((set) => set.permissions.length > 0);
  assert.deepEqual(listPermissions(inspection, identity(who)), expected, who);
  return expected.reduce((sum, set) => sum + set.permissions.length, 0);
}

/** Compares everything that listPrincipals says with the spec; returns how many of `people` pass. */
export function comparePrincipals(
  world: World,
  inspection: Inspection,
  permission: string,
  place: Place,
  people: readonly string[],
): number {
  const listed = listPrincipals(inspection, permission, place);
  const says = `${permission} ${JSON.stringify(place)}`;
  const order = ["identity", "submitter", "glob", "group"];
  const ranks = listed.map(({ kind, name }) => `${order.indexOf(kind)} ${name}`);
  assert.deepEqual(ranks, [...new Set(ranks)].toSorted(), says);

  let passing = 0;
  for (const who of people) {
    const expected = mayInPlace(world, who, permission, place);
    assert.equal(isCovered(listed, who), expected, `${who}: ${says}`);
    passing += Number(expected);
  }

  // A group is listed exactly when everybody whom one puts into it passes.
  const unprobed = withoutSubmitter(place);
  for (const { name } of world.groups ?? []) {
    const probed = withMember(world, name);
    const expected = mayInPlace(probed, probe, permission, unprobed);
    const entry = listed.find((it) => it.kind === "group" && it.name === name);
    if (mayInPlace(world, probe, permission, unprobed)) continue;
    assert.equal(entry !== undefined, expected, `group ${name}: ${says}`);
    if (entry === undefined) continue;
    const having = groupsThatHave(world, permission, place);
    const via = having.filter((it) => isMember(probed, probe, it));
    assert.deepEqual(entry.via, having.includes(name) ? [] : via, `group ${name}: ${says}`);
  }
  for (const entry of listed) checkOrigin(world, permission, place, entry);
  return passing;
}

function isCovered(listed: readonly PermittedPrincipal[], who: string): boolean {
  return listed.some(({ kind, name }) => {
    if (kind === "identity") return isSameIdentity(name, who);
    if (kind === "submitter") return name === who;
    return kind === "glob" && globMatches(name, who);
  });
}

/** That an identity or a glob stands where its entry says: named itself, or in a group below `via`. */
function checkOrigin(
  world: World,
  permission: string,
  place: Place,
  { kind, name, via }: PermittedPrincipal,
): void {
  const says = `${kind} ${name} of ${permission} ${JSON.stringify(place)}`;
  if (kind === "submitter") {
    assert.deepEqual(via, [], says);
    assert.equal(place.kind === "task" && place.task.submitter, name, says);
    return;
  }
  if (kind === "group") return;
  const having = groupsThatHave(world, permission, place);
  if (kind === "glob") {
    const marked = mapGroups(world, ({ globs = [], ...group }) => ({
      ...group,
      members: globs.includes(name) ? [probe] : [],
    }));
    assert.deepEqual(
      via,
      having.filter((it) => isMember(marked, probe, it)),
      says,
    );
    return;
  }
  assert.ok(!name.startsWith("user:") || name === name.toLowerCase(), says);
  const named = mayInPlace({ ...world, groups: [] }, name, permission, withoutSubmitter(place));
  const listing = mapGroups(world, (group) => ({ ...group, globs: [] }));
  const through = having.filter((it) => isMember(listing, name, it));
  assert.deepEqual(via, named ? [] : through, says);
  assert.ok(named || through.length > 0, says);
}

/** The groups that have the permission by themselves, not through nesting; sorted. */
function groupsThatHave(world: World, permission: string, place: Place): readonly string[] {
  const flat = mapGroups(world, (group) => ({ ...group, members: [], globs: [], nested: [] }));
  return (world.groups ?? [])
    .map(({ name }) => name)
    .filter((name) =>
      mayInPlace(withMember(flat, name), probe, permission, withoutSubmitter(place)),
    )
    .toSorted();
}

function withMember(world: World, name: string): World {
  return mapGroups(world, (group) =>
    group.name === name ? { ...group, members: [...(group.members ?? []), probe] } : group,
  );
}

function mapGroups(world: World, change: (group: WorldGroup) => WorldGroup): World {
  return { ...world, groups: (world.groups ?? []).map(change) };
}

function withoutSubmitter(place: Place): Place {
  return place.kind === "task" ? { kind: "task", task: { ...place.task, submitter: "" } } : place;
}

/** Compares what lookupPrincipal says of an identity with the spec; returns how many groups hold it. */
export function compareMemberships(world: World, inspection: Inspection, who: string): number {
  const groups = world.groups ?? [];
  const found = lookupPrincipal(inspection, { kind: "identity", identity: who });
  const expected = groups
    .filter(({ name }) => isMember(world, who, name))
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  assert.deepEqual(
    found?.map(({ group, globs, nested, source }) => ({ group, globs, nested, source })),
    expected.map(({ name, globs = [], nested = [] }) => ({
      group: name,
      globs: [...new Set(globs.filter((glob) => globMatches(glob, who)))].toSorted(),
      nested: nested.filter((it) => isMember(world, who, it)).toSorted(),
      source: "main",
    })),
    who,
  );
  for (const { group, member } of found ?? []) {
    const typed = (groups.find(({ name }) => name === group)?.members ?? []).filter((it) =>
      isSameIdentity(it, who),
    );
    assert.ok(typed.length === 0 ? member === "" : typed.includes(member), `${who} in ${group}`);
  }
  return expected.length;
}

/** Compares what lookupPrincipal says of a glob and of a group with the spec. */
export function compareHolders(world: World, inspection: Inspection, glob: string): void {
  const groups = world.groups ?? [];
  const marked = mapGroups(world, ({ globs = [], ...group }) => ({
    ...group,
    members: globs.includes(glob) ? [probe] : [],
  }));
  const own = (name: string): boolean =>
    groups.some((it) => it.name === name && (it.globs ?? []).includes(glob));
  assert.deepEqual(
    lookupPrincipal(inspection, { kind: "glob", glob }),
    holdersOf(marked, (name) => (own(name) ? [glob] : [])),
    glob,
  );
  for (const { name } of groups) {
    const probed = mapGroups(world, (group) => ({
      ...group,
      globs: [],
      members: group.name === name ? [probe] : [],
    }));
    assert.deepEqual(
      lookupPrincipal(inspection, { kind: "group", group: name }),
      holdersOf(probed, () => []).filter(({ group }) => group !== name),
      name,
    );
  }
}

function holdersOf(
  probed: World,
  globsOf: (name: string) => readonly string[],
): ReturnType<typeof lookupPrincipal> & object {
  return (probed.groups ?? [])
    .filter(({ name }) => isMember(probed, probe, name))
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .map(({ name, nested = [] }) => ({
      group: name,
      member: "",
      globs: globsOf(name),
      nested: nested.filter((it) => isMember(probed, probe, it)).toSorted(),
      source: "main",
    }));
}
