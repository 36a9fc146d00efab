import type { Group } from "../../src/domain/model.ts";
import type { GroupChange } from "../../src/engine/group-graph.ts";

/** The changes at revision 2 that create a group with these parts. */
export function create(name: string, parts: Partial<Group> = {}): readonly GroupChange[] {
  const { members = [], globs = [], nested = [] } = parts;
  const bodies: readonly GroupChange["change"][] = [
    {
      kind: "group",
      key: name,
      before: undefined,
      after: { name, description: "", owners: "administrators" },
    },
    ...members.map((member) => changeMember(name, undefined, member)),
    ...globs.map((glob) => ({
      kind: "group_glob" as const,
      key: `${name} ${glob}`,
      before: undefined,
      after: { group: name, glob },
    })),
    ...nested.map((child) => ({
      kind: "group_nested" as const,
      key: `${name} ${child}`,
      before: undefined,
      after: { group: name, nested: child },
    })),
  ];
  return bodies.map((change) => ({ change, revision: 2n, managedBy: "" }));
}

/** A change of one member of a group: from a text to a text, of which one may be undefined. */
export function changeMember(
  name: string,
  before: string | undefined,
  after: string | undefined,
): GroupChange["change"] {
  const body = (member: string | undefined) =>
    member === undefined ? undefined : { group: name, member };
  return { kind: "group_member", key: `${name} m`, before: body(before), after: body(after) };
}

/** The deletion of a group without its parts. */
export const deletion = (name: string): GroupChange["change"] => ({
  kind: "group",
  key: name,
  before: { name, description: "", owners: "administrators" },
  after: undefined,
});

/** One change, at revision 3. */
export const just = (change: GroupChange["change"]): readonly GroupChange[] => [
  { change, revision: 3n, managedBy: "" },
];

/** The removal of a nested group. */
export function removeNested(name: string, child: string): GroupChange["change"] {
  return {
    kind: "group_nested",
    key: `${name} ${child}`,
    before: { group: name, nested: child },
    after: undefined,
  };
}
