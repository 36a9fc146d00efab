import * as fc from "fast-check";
import { applyConfig } from "../../src/commands/apply-config.ts";
import { groupChanges, memberChange } from "../../src/commands/group/group-changes.ts";
import { takeOverChange } from "../../src/commands/group/take-overs.ts";
import { createApiKey } from "../../src/commands/create-api-key.ts";
import type { CommandDeps } from "../../src/commands/deps.ts";
import { lockOutGuards } from "../../src/commands/guards.ts";
import { planChange } from "../../src/commands/plan-change.ts";
import { revokeApiKey } from "../../src/commands/revoke-api-key.ts";
import { diffEntities, toEntities } from "../../src/config/entities.ts";
import type { EntityChange, TakeOverBody } from "../../src/domain/entity.ts";
import { DomainError } from "../../src/domain/errors.ts";
import type { Identity } from "../../src/domain/identity.ts";
import { emptyConfiguration, type Group } from "../../src/domain/model.ts";
import { unmanaged } from "../../src/domain/names.ts";
import type { GroupEntry } from "../../src/engine/group-entry.ts";
import { configurationsOf } from "../../src/replica/configurations.ts";
import { arbitraryWorld } from "../conformance/support/arbitrary-world.ts";
import * as names from "../conformance/support/alphabets.ts";
import type { World } from "../spec/world.ts";

const author = "user:root@example.com" as Identity;
const guards = { ...lockOutGuards, allowLockOut: true };

/** Of a group that a source manages: the take-over comes, goes, has ended long ago; or the group is edited under it. */
interface TakenStep {
  readonly kind: "take_over" | "return" | "expired_take_over" | "edit_taken" | "delete_taken";
  readonly which: number;
}

/** One random change: a source takes a share of a world, groups are edited by hand, or a key comes or goes. */
export type Step =
  | {
      readonly kind: "apply";
      readonly source: string;
      readonly world: World;
      readonly share: readonly [boolean, boolean, boolean];
    }
  | { readonly kind: "edit"; readonly groups: readonly Group[] }
  | TakenStep
  | { readonly kind: "create_key" }
  | { readonly kind: "revoke_key"; readonly which: number };

const byHand = ["h0", "h1", "h2"];

function some(list: readonly string[], most: number): fc.Arbitrary<string[]> {
  return fc.uniqueArray(fc.constantFrom(...list), { maxLength: most });
}

const handGroup: fc.Arbitrary<Group> = fc
  .record({
    name: fc.constantFrom(...byHand),
    description: fc.constantFrom("", "some", "other"),
    owners: fc.constantFrom("administrators", ...byHand),
    members: fc.uniqueArray(fc.constantFrom(...names.identities), {
      maxLength: 6,
      selector: (member) => (member.startsWith("user:") ? member.toLowerCase() : member),
    }),
    globs: some(names.globs, 3),
  })
  .map((group) => ({
    ...group,
    members: group.members.sort(),
    globs: group.globs.sort(),
    // Downwards only, so that there is no cycle.
    nested: byHand.slice(0, byHand.indexOf(group.name)),
  }));

/** Groups that name none but each other. */
function withoutMissing(groups: readonly Group[]): readonly Group[] {
  const names = new Set(groups.map(({ name }) => name));
  return groups.map((group) => ({
    ...group,
    owners: names.has(group.owners) ? group.owners : "administrators",
    nested: group.nested.filter((name) => names.has(name)),
  }));
}

/** Random steps over the small alphabets. */
export const arbitrarySteps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("apply" as const),
        source: fc.constantFrom("main", "team"),
        world: arbitraryWorld,
        share: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("edit" as const),
        groups: fc
          .uniqueArray(handGroup, { maxLength: 3, selector: ({ name }) => name })
          .map(withoutMissing),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          "take_over" as const,
          "take_over" as const,
          "return" as const,
          "expired_take_over" as const,
          "edit_taken" as const,
          "edit_taken" as const,
          "delete_taken" as const,
        ),
        which: fc.nat(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("create_key" as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("revoke_key" as const), which: fc.nat() }),
    },
  ),
  { minLength: 4, maxLength: 14, size: "max" },
);

/** Carries a step out; false when it was refused as invalid, and nothing has changed. */
export async function play(deps: CommandDeps, step: Step): Promise<boolean> {
  try {
    await carryOut(deps, step);
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.reason === "CONFIG_INVALID") return false;
    throw error;
  }
}

async function carryOut(deps: CommandDeps, step: Step): Promise<void> {
  switch (step.kind) {
    case "apply": {
      const text = JSON.stringify(shareOf(step.world, step.share));
      const files = [{ path: "world.json", text }];
      await applyConfig(deps, author, { ...plain, source: step.source, files, etag: "", guards });
      return;
    }
    case "edit":
      await editByHand(deps, step.groups);
      return;
    case "take_over":
    case "return":
    case "expired_take_over":
    case "edit_taken":
    case "delete_taken":
      await changeTaken(deps, step);
      return;
    case "create_key": {
      const key = { identity: "user:ann@x.com", description: "", ttlSeconds: undefined };
      await createApiKey(deps, author, { ...plain, ...key, noExpiry: true });
      return;
    }
    default: {
      const keys = [...(deps.replica.current()?.apiKeys.keys() ?? [])].sort();
      const id = keys[step.which % keys.length];
      if (id !== undefined) await revokeApiKey(deps, author, { ...plain, id });
    }
  }
}

/** Plans what a step does to a group that some source manages; where there is none, or it does not fit, nothing. */
async function changeTaken(deps: CommandDeps, { kind, which }: TakenStep): Promise<void> {
  const request = { author, ...plain, requestHash: "", guards, effects: "none" as const };
  await planChange(deps, request, (state) => {
    const groups = [...state.snapshot.groups.entries()]
      .filter(({ managedBy }) => managedBy !== unmanaged)
      .sort((left, right) => (left.name < right.name ? -1 : 1));
    // Mostly one that is taken over already, so that something comes of it.
    const taken = groups.filter(({ name }) => state.takeOvers.has(name));
    const candidates = kind === "take_over" || taken.length === 0 ? groups : taken;
    const entry = candidates[which % candidates.length];
    const before = entry && state.takeOvers.get(entry.name);
    return {
      source: undefined,
      changes: entry === undefined ? [] : takenChanges(kind, which, entry, before),
      found: undefined,
    };
  });
}

function takenChanges(
  kind: TakenStep["kind"],
  which: number,
  entry: GroupEntry,
  before: TakeOverBody | undefined,
): readonly EntityChange[] {
  const { name: group, managedBy: source } = entry;
  const year = kind === "take_over" ? 2030 + (which % 3) : 2020;
  const made = { group, source, author, reason: "", expiresAt: `${year}-01-01T00:00:00.000Z` };
  switch (kind) {
    case "take_over":
    case "expired_take_over":
      return before?.expiresAt === made.expiresAt ? [] : [takeOverChange(group, before, made)];
    case "return":
      return before === undefined ? [] : [takeOverChange(group, before, undefined)];
    default: {
      if (before === undefined) return [];
      if (kind === "delete_taken") {
        return [...groupChanges(entry, undefined), takeOverChange(group, before, undefined)];
      }
      const folded = "bot:taken" as Identity;
      const typed = entry.members.get(folded);
      const { owners, description } = entry;
      return [
        {
          kind: "group",
          key: group,
          before: { name: group, description, owners },
          after: { name: group, description: `${description}.`.slice(-5), owners },
        },
        memberChange(group, folded, typed, typed === undefined ? folded : undefined),
      ];
    }
  }
}

const plain = { validateOnly: false, requestId: "", reason: "" };

/** Leaves out parts of a world, so that another source can have them. What refers to them may then be invalid. */
function shareOf(world: World, [rest, projects, groups]: readonly boolean[]): World {
  return {
    ...(rest === true ? world : {}),
    projects: projects === true ? (world.projects ?? []) : [],
    groups: groups === true ? (world.groups ?? []) : [],
  };
}

/** Makes the groups that nobody manages these, as an edit would; those that a source has are left alone. */
async function editByHand(deps: CommandDeps, groups: readonly Group[]): Promise<void> {
  const request = { author, ...plain, requestHash: "", guards, effects: "none" as const };
  await planChange(deps, request, (state) => {
    const before = configurationsOf(state).get(unmanaged) ?? emptyConfiguration;
    const changes = diffEntities(
      toEntities(before),
      toEntities({ ...emptyConfiguration, groups: [...groups] }),
    );
    return { source: undefined, changes, found: undefined };
  });
}
