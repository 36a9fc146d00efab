import { foldIdentity, parseIdentity, type Identity } from "../../domain/identity.ts";
import type { GroupWalk } from "./group-walk.ts";
import type { Both, EffectsInput, Side } from "./sides.ts";

/** Who may be in other groups after the changes than before: everybody else is in the same ones. */
export interface Touched {
  /** Folded. */
  readonly identities: ReadonlySet<Identity>;
  readonly globs: ReadonlySet<string>;
  /**
   * The groups that in one state exist, or are nested in another group, and in the other state are not so.
   * Only they, what is nested in them, and what is bound anew can have something in one state only.
   */
  readonly groups: Both<ReadonlySet<number>>;
}

/** Finds who is touched by changes, at the cost of the changes and of those who are below a nesting that changed. */
export function findTouched(
  { before, after, changes }: EffectsInput,
  walks: Both<GroupWalk>,
  identitiesMatching: (glob: string) => Iterable<Identity>,
): Touched {
  const identities = new Set<Identity>();
  const globs = new Set<string>();
  const groups: Both<Set<number>> = [new Set(), new Set()];
  const graphs = [before.snapshot.groups, after.snapshot.groups] as const;

  function touchGlob(glob: string): void {
    if (globs.has(glob)) return;
    globs.add(glob);
    for (const identity of identitiesMatching(glob)) identities.add(identity);
  }

  function touchGroup(side: Side, name: string): number | undefined {
    const id = graphs[side].findGroup(name);
    if (id !== undefined) groups[side].add(id);
    return id;
  }

  // Groups that were walked need not be walked again for another nesting.
  const walked: Both<Set<number>> = [new Set(), new Set()];
  function touchNested(side: Side, name: string): void {
    const id = touchGroup(side, name);
    if (id === undefined) return;
    for (const group of walks[side].below(id)) {
      if (walked[side].has(group.id)) continue;
      walked[side].add(group.id);
      for (const identity of group.members.keys()) identities.add(identity);
      for (const glob of group.globs) touchGlob(glob);
    }
  }

  for (const change of changes) {
    switch (change.kind) {
      case "group":
        if (change.before === undefined) touchGroup(1, change.after?.name ?? "");
        if (change.after === undefined) touchGroup(0, change.before?.name ?? "");
        break;
      case "group_member":
        for (const body of [change.before, change.after]) {
          const identity = parseIdentity(body?.member ?? "");
          if (identity !== undefined) identities.add(foldIdentity(identity));
        }
        break;
      case "group_glob":
        for (const body of [change.before, change.after]) {
          if (body !== undefined) touchGlob(body.glob);
        }
        break;
      case "group_nested":
        if (change.before !== undefined) touchNested(0, change.before.nested);
        if (change.after !== undefined) touchNested(1, change.after.nested);
        break;
      default:
        break;
    }
  }
  return { identities, globs, groups };
}
