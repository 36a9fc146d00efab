import * as fc from "fast-check";
import {
  defaultSettings,
  emptyConfiguration,
  type Configuration,
  type Group,
} from "../../../src/domain/model.ts";
import type { TakeOverBody } from "../../../src/domain/entity.ts";
import { createOrigin } from "../../../src/replica/origin.ts";
import type { ReplicaState } from "../../../src/replica/state.ts";
import { binding, createState } from "./world.ts";

const plain = { description: "", owners: "administrators", members: [], globs: [], nested: [] };
/** The names of what may be hidden. */
export const hiddenNames = ["h1", "h2", "h3", "x/h4", "zz"] as const;

/** What is the same in all worlds: what the askers may read, and what holds their rights. */
const shared: readonly Group[] = [
  { ...plain, name: "administrators", members: ["user:root@example.com"] },
  { ...plain, name: "team-owners", members: ["service:scheduler"] },
  { ...plain, name: "group-creators", members: ["service:narrow"] },
  { ...plain, name: "group-importers", members: ["service:narrow"] },
  {
    ...plain,
    name: "team",
    owners: "team-owners",
    members: ["user:a@x.y"],
    nested: ["h1", "inner"],
  },
  { ...plain, name: "inner", owners: "team-owners", globs: ["bot:*"] },
  { ...plain, name: "ldap/a", members: ["user:a@x.y"] },
];

/** What a state is made of. */
export interface HiddenGroups {
  readonly configurations: ReadonlyMap<string, Configuration>;
  readonly takeOvers: readonly TakeOverBody[];
}

/** Worlds that differ in what only readers may read. */
export const worlds: fc.Arbitrary<HiddenGroups> = fc
  .record({
    hidden: fc.subarray([...hiddenNames]).chain((names) =>
      fc.tuple(
        ...names.map((name) =>
          fc.record({
            name: fc.constant<string>(name),
            description: fc.constantFrom("", "secret"),
            owners: fc.constantFrom("administrators", name),
            members: fc.subarray(["user:s@x.y", "bot:s"]),
            globs: fc.subarray(["service:z*"]),
            nested: fc.subarray(names.filter((other) => other > name)),
          }),
        ),
      ),
    ),
    managed: fc.boolean(),
    taken: fc.subarray([...hiddenNames]),
    expiresAt: fc.constantFrom("2000-01-01T00:00:00.000Z", "2999-01-01T00:00:00.000Z"),
    bound: fc.subarray([...hiddenNames]),
    readersGroup: fc.constantFrom("", "h1", "zz"),
    usersGroup: fc.constantFrom("", "h2", "h3"),
    members: fc.subarray(["user:admin@x.y"]),
    // One of those that refer to what the asker may read is hidden in every world: its number is told.
    referrer: fc.constantFrom("h0", "h9", "realm", "settings"),
  })
  .map(({ hidden, managed, taken, expiresAt, bound, referrer, ...names }) => {
    const { readersGroup, usersGroup, members } = names;
    const policy: Configuration = {
      ...emptyConfiguration,
      settings: {
        ...defaultSettings,
        readersGroup,
        usersGroup,
        adminsGroup: referrer === "settings" ? "inner" : "",
      },
      projects: [
        {
          name: "p",
          customRoles: [],
          realms: [...bound, ...(referrer === "realm" ? ["inner"] : [])].map((name, index) => ({
            name: `r${index}`,
            extends: [],
            bindings: [binding("role/swarming.poolUser", `group:${name}`)],
          })),
        },
      ],
    };
    const own = shared.map((it) =>
      it.name === "administrators" ? { ...it, members: [...it.members, ...members] } : it,
    );
    if (referrer.startsWith("h")) own.push({ ...plain, name: referrer, nested: ["inner"] });
    const takeOvers = hidden
      .filter(({ name }) => managed && taken.some((each) => each === name))
      .map(({ name }) => ({
        ...{ group: name, source: "main", author: "user:admin@x.y", reason: "secret", expiresAt },
      }));
    const configurations = new Map([
      ["", { ...emptyConfiguration, groups: managed ? own : [...own, ...hidden] }],
      ["main", managed ? { ...policy, groups: hidden } : policy],
    ]);
    return { configurations, takeOvers };
  });

/** The state of such a world. */
export function stateOf({ configurations, takeOvers }: HiddenGroups): ReplicaState {
  return {
    ...createState(),
    ...createOrigin(7n, configurations),
    takeOvers: new Map(takeOvers.map((takeOver) => [takeOver.group, takeOver])),
  };
}
