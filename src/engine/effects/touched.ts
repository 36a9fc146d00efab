import { foldIdentity, parseIdentity, type Identity } from "../../domain/identity.ts";
import { forEachInSteps, type Steps } from "../../domain/steps.ts";
import type { GroupWalk } from "./group-walk.ts";
import type { Both, EffectsInput, Side } from "./sides.ts";
import type { IdentitiesMatching } from "./universe.ts";

/**
 * What changes of groups touch. Who is in other groups after than before is touched itself, or is in a touched
 * group of the state in which it is in more.
 */
export interface Touched {
  /** Those who came to be listed, matched by a glob, or ceased to be; folded. */
  readonly identities: ReadonlySet<Identity>;
  /** Those that a group came to hold, or ceased to hold. */
  readonly globs: ReadonlySet<string>;
  /** By state: the groups that exist there, or are nested in some group there, and not so in the other state. */
  readonly groups: Both<ReadonlySet<number>>;
}

/** Finds what changes touch. Costs what they say; a glob costs a walk over all identities. */
export function* findTouched(
  { before, after, changes }: EffectsInput,
  identitiesMatching: IdentitiesMatching,
): Steps<Touched> {
  const identities = new Set<Identity>();
  const globs = new Set<string>();
  const groups: Both<Set<number>> = [new Set(), new Set()];
  const graphs = [before.snapshot.groups, after.snapshot.groups] as const;

  function touchMember(member: string | undefined): void {
    const identity = parseIdentity(member ?? "");
    if (identity !== undefined) identities.add(foldIdentity(identity));
  }

  function touchGlob(glob: string | undefined): void {
    if (glob === undefined || globs.has(glob)) return;
    globs.add(glob);
  }

  function touchGroup(side: Side, name: string | undefined): void {
    const id = name === undefined ? undefined : graphs[side].findGroup(name);
    if (id !== undefined) groups[side].add(id);
  }

  yield* forEachInSteps(changes, (change) => {
    switch (change.kind) {
      case "group":
        if (change.after === undefined) touchGroup(0, change.before?.name);
        if (change.before === undefined) touchGroup(1, change.after?.name);
        break;
      case "group_member":
        touchMember(change.before?.member);
        touchMember(change.after?.member);
        break;
      case "group_glob":
        touchGlob(change.before?.glob);
        touchGlob(change.after?.glob);
        break;
      case "group_nested":
        touchGroup(0, change.before?.nested);
        touchGroup(1, change.after?.nested);
        break;
      default:
        break;
    }
  });
  for (const glob of globs) {
    yield* forEachInSteps(yield* identitiesMatching(glob), (it) => identities.add(it));
  }
  return { identities, globs, groups };
}

/** The groups that a touched group is in, or is, in the one state and not in the other. */
export function* groupsChangedAbove(
  { groups }: Touched,
  walks: Both<GroupWalk>,
): Generator<number> {
  for (const [here, there] of [
    [0, 1],
    [1, 0],
  ] as const) {
    for (const group of groups[here]) {
      const elsewhere = new Set(
        walks[there].entry(group) === undefined ? [] : walks[there].above(group),
      );
      for (const above of walks[here].above(group)) if (!elsewhere.has(above)) yield above;
    }
  }
}
