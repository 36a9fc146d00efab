import * as fc from "fast-check";
import {
  defaultSettings,
  emptyConfiguration,
  type Binding,
  type BotGroup,
  type Configuration,
  type Delegation,
  type Group,
  type Pool,
  type Project,
  type Settings,
} from "../../../src/domain/model.ts";
import type { Names } from "./checks.ts";
import { binding, delegation, group } from "./world.ts";

/** Whose permission is checked. She may see pool `mine`, its realm and its bots, and nothing else. */
export const ann = "user:ann@example.com";

/** Somebody who may see something in some worlds. */
export const bob = "user:bob@example.com";

/** The realm of pool `mine`. */
export const mine = "acme:mine";

const hiddenPools = ["x1", "x2", "unassigned"];
const hiddenRealms = ["acme:other", "acme:undefined", "beta:other", "beta:undefined", "gamma:x"];
const strangers = [bob, "user:cat@example.com", "group:strangers", "group:helpers"];
const roles = [
  "role/swarming.poolUser",
  "role/swarming.poolViewer",
  "role/swarming.poolOwner",
  "role/swarming.taskTriggerer",
  "role/swarming.taskServiceAccount",
  "customRole/own",
];

/** Names of what every world has, of what some have, and of what none has. */
export const names: Names = {
  callers: [ann, bob],
  pools: ["mine", ...hiddenPools, "never"],
  bots: ["m1", "m2", "b0", "b1--2", "c-1", "z9"],
  realms: [mine, "acme:@root", ...hiddenRealms],
};

/**
 * Worlds in which what Ann may see is the same. All of the rest differs: which pools, bots, projects and
 * realms there are, where they belong, who may do what there, and who is in which group. With `mixedBot` one
 * of her bots is in hidden pools too, which those can tell who may ask only about what lies in `mine`.
 */
export function hiddenWorlds(mixedBot: boolean): fc.Arbitrary<Configuration> {
  return fc
    .record({
      settings: settings(),
      projects: projects(),
      pools: pools(),
      botGroups: botGroups(mixedBot),
      groups: groups(),
      declared: fc.boolean(),
    })
    .map(({ declared, ...world }) => ({
      ...emptyConfiguration,
      ...world,
      permissions: declared ? [{ name: "a.b.c", attributes: ["k"] }] : [],
    }));
}

function settings(): fc.Arbitrary<Settings> {
  const givenTo = fc.constantFrom("", "strangers");
  const fixed: readonly Delegation[] = [
    delegation("schedulers"),
    delegation("narrow", { callerGlobs: ["user:*@example.com"], realms: [mine] }),
  ];
  const more = fc.subarray([
    delegation("strangers"),
    delegation("schedulers", { realms: ["acme:other"] }),
    delegation("helpers", { realms: [mine] }),
  ]);
  return fc
    .record({
      botBootstrapGroup: givenTo,
      privilegedUsersGroup: givenTo,
      usersGroup: givenTo,
      viewAllBotsGroup: givenTo,
      viewAllTasksGroup: givenTo,
      readersGroup: givenTo,
      more,
    })
    .map(({ more: hidden, ...given }) => ({
      ...defaultSettings,
      ...given,
      delegations: [...fixed, ...hidden],
    }));
}

function projects(): fc.Arbitrary<readonly Project[]> {
  const customRoles = [
    { name: "customRole/own", permissions: ["a.b.c"], includes: [], unresolved: false },
  ];
  // What a condition guards is granted to nobody by these checks, to Ann neither.
  const hidden: fc.Arbitrary<Binding> = fc.oneof(
    fc
      .record({ role: fc.constantFrom(...roles), who: fc.constantFrom(...strangers) })
      .map(({ role, who }) => binding(role, who)),
    fc.constantFrom(...roles).map((role) => ({
      ...binding(role, ann),
      conditions: [{ attribute: "k", values: ["v"] }],
    })),
  );
  const bindings = fc.array(hidden, { maxLength: 3 });
  const own = [binding("role/swarming.poolUser", ann), binding("role/swarming.poolViewer", ann)];
  const realm = (name: string, given: readonly Binding[]) => ({
    name,
    extends: [],
    bindings: given,
  });
  const maybe = fc.option(bindings, { nil: undefined });
  return fc
    .record({ inMine: bindings, inRoot: maybe, inOther: maybe, inBetaRoot: maybe, inBeta: maybe })
    .map(({ inMine, inRoot, inOther, inBetaRoot, inBeta }) => {
      const acme = [realm("mine", [...own, ...inMine])];
      if (inRoot !== undefined) acme.push(realm("@root", inRoot));
      if (inOther !== undefined) acme.push(realm("other", inOther));
      const beta = inBetaRoot === undefined ? [] : [realm("@root", inBetaRoot)];
      if (inBeta !== undefined) beta.push(realm("other", inBeta));
      const there = [{ name: "acme", customRoles, realms: acme }];
      return beta.length === 0 ? there : [...there, { name: "beta", customRoles, realms: beta }];
    });
}

function pools(): fc.Arbitrary<readonly Pool[]> {
  const realm = fc.constantFrom(...hiddenRealms);
  return fc.tuple(fc.subarray(hiddenPools), realm, realm, realm).map(([hidden, ...realms]) => [
    { name: "mine", realm: mine, defaultTaskRealm: "" },
    ...hidden.map((name, index) => ({
      name,
      realm: realms[index] ?? "acme:other",
      defaultTaskRealm: "acme:other",
    })),
  ]);
}

function botGroups(mixedBot: boolean): fc.Arbitrary<readonly BotGroup[]> {
  const hidden = fc.subarray(hiddenPools);
  const maybe = fc.option(hidden, { nil: undefined });
  return fc
    .record({ mixed: hidden, byId: maybe, composite: maybe, byPrefix: maybe, byDefault: maybe })
    .map(({ mixed, byId, composite, byPrefix, byDefault }) => {
      const all: BotGroup[] = [
        { name: "m1", botIds: ["m1"], botIdPrefixes: [], pools: ["mine"] },
        {
          name: "m2",
          botIds: ["m2"],
          botIdPrefixes: [],
          pools: mixedBot ? ["mine", ...mixed] : ["mine"],
        },
      ];
      const add = (name: string, ids: readonly string[], prefixes: readonly string[]) => ({
        name,
        botIds: ids,
        botIdPrefixes: prefixes,
      });
      if (byId !== undefined) all.push({ ...add("id", ["b0", "b1"], []), pools: byId });
      if (composite !== undefined) all.push({ ...add("full", ["b1--2"], []), pools: composite });
      if (byPrefix !== undefined) all.push({ ...add("prefix", [], ["b", "c-"]), pools: byPrefix });
      if (byDefault !== undefined) all.push({ ...add("default", [], []), pools: byDefault });
      return all;
    });
}

function groups(): fc.Arbitrary<readonly Group[]> {
  const members = fc.subarray([bob, "user:cat@example.com"]);
  return fc
    .record({
      members,
      globs: fc.subarray(["user:b*@example.com", "service:z*"]),
      nested: fc.subarray(["helpers"]),
      helpers: fc.option(members, { nil: undefined }),
    })
    .map(({ helpers, ...hidden }) => [
      group("administrators", ["user:root@example.com"]),
      group("schedulers", ["service:scheduler"]),
      group("narrow", ["service:narrow"]),
      { ...group("strangers", []), ...hidden },
      ...(helpers === undefined ? [] : [group("helpers", helpers)]),
    ]);
}
