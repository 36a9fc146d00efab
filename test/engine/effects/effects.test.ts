import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { computeEffects } from "../../../src/engine/effects/compute-effects.ts";
import { emptyConfiguration, type Configuration } from "../../../src/domain/model.ts";
import {
  inspectChange,
  inspectConfigurationChange,
} from "../../conformance/support/effects-world.ts";
import type { World, WorldGroup } from "../../spec/world.ts";
import { group } from "../world.ts";
import {
  ann,
  bob,
  effectsInShort,
  eve,
  inRealms,
  inShort,
  users,
  world,
} from "./effects-in-short.ts";

const team: WorldGroup = { name: "team", members: [ann, bob] };
const bound = ["group:team"];
const condition = { attribute: "a", values: ["x"] };

const rules: readonly {
  readonly rule: string;
  readonly before: World;
  readonly after: World;
  readonly effects: readonly string[];
}[] = [
  {
    rule: "a member who comes gains what the group has",
    before: world([team], bound),
    after: world([{ ...team, members: [ann, bob, eve] }], bound),
    effects: [`+ identity ${eve} p:ci: createTask`],
  },
  {
    rule: "a member who goes loses it",
    before: world([team], bound),
    after: world([{ ...team, members: [ann] }], bound),
    effects: [`- identity ${bob} p:ci: createTask`],
  },
  {
    rule: "another spelling of a member changes nothing",
    before: world([team], bound),
    after: world([{ ...team, members: ["user:ANN@x.com", bob] }], bound),
    effects: [],
  },
  {
    rule: "who has it in another way gains nothing",
    before: world([team], [...bound, eve]),
    after: world([{ ...team, members: [ann, bob, eve] }], [...bound, eve]),
    effects: [],
  },
  {
    rule: "a group that is bound stands for its members",
    before: world([team], []),
    after: world([team], bound),
    effects: ["+ group team (2) p:ci: createTask"],
  },
  {
    rule: "a group that is bound no more stands for those whom it had",
    before: world([team], bound),
    after: world([{ ...team, members: [ann] }], []),
    effects: ["- group team (2) p:ci: createTask"],
  },
  {
    rule: "a group does not stand for who had it before: the others are named",
    before: world([team], [ann]),
    after: world([team], [ann, ...bound]),
    effects: [`+ identity ${bob} p:ci: createTask`],
  },
  {
    rule: "a part of a group stands for its members where the whole cannot",
    before: world([team, { name: "all", members: [eve], nested: ["team"] }], [eve]),
    after: world([team, { name: "all", members: [eve], nested: ["team"] }], [eve, "group:all"]),
    effects: ["+ group team (2) p:ci: createTask"],
  },
  {
    rule: "of nested groups the outermost stands for all",
    before: world([team, { name: "all", members: [eve], nested: ["team"] }], []),
    after: world(
      [team, { name: "all", members: [eve], nested: ["team"] }],
      ["group:all", ...bound],
    ),
    effects: ["+ group all (3) p:ci: createTask"],
  },
  {
    rule: "a group that comes to be nested stands for its members",
    before: world([team, { name: "all", members: [eve] }], ["group:all"]),
    after: world([team, { name: "all", members: [eve], nested: ["team"] }], ["group:all"]),
    effects: ["+ group team (2) p:ci: createTask"],
  },
  {
    rule: "a group that is made under a name that was bound stands for its members",
    before: world([], bound),
    after: world([team], bound),
    effects: ["+ group team (2) p:ci: createTask"],
  },
  {
    rule: "members who come to a group that had it are named, were it empty",
    before: world([{ name: "team" }], bound),
    after: world([team], bound),
    effects: [`+ identity ${ann} p:ci: createTask`, `+ identity ${bob} p:ci: createTask`],
  },
  {
    rule: "a group that had it by nesting does not gain by being bound itself: members who come are named",
    before: world([{ name: "team" }, { name: "all", nested: ["team"] }], ["group:all"]),
    after: world([team, { name: "all", nested: ["team"] }], ["group:all", ...bound]),
    effects: [`+ identity ${ann} p:ci: createTask`, `+ identity ${bob} p:ci: createTask`],
  },
  {
    rule: "a group of nobody stands for nobody",
    before: world([{ name: "team" }], []),
    after: world([{ name: "team" }], bound),
    effects: [],
  },
  {
    rule: "a glob is told by itself, and identities that are listed elsewhere as members",
    before: world([team, { name: "g", globs: ["user:a*"] }], []),
    after: world([team, { name: "g", globs: ["user:a*"] }], ["group:g"]),
    effects: ["+ group g (1) p:ci: createTask", "+ glob user:a* p:ci: createTask"],
  },
  {
    rule: "a glob that comes gives it to identities that are listed elsewhere",
    before: world([team, { name: "g" }], ["group:g"]),
    after: world([team, { name: "g", globs: ["user:a*"] }], ["group:g"]),
    effects: [`+ identity ${ann} p:ci: createTask`, "+ glob user:a* p:ci: createTask"],
  },
  {
    rule: "a glob that another group has gains nothing",
    before: world([{ name: "f", globs: ["user:a*"] }, { name: "g" }], ["group:f", "group:g"]),
    after: world(
      [
        { name: "f", globs: ["user:a*"] },
        { name: "g", globs: ["user:a*"] },
      ],
      ["group:f", "group:g"],
    ),
    effects: [],
  },
  {
    rule: "a condition gives nothing",
    before: world([team], []),
    after: inRealms([team], { ci: [{ ...users(...bound), conditions: [condition] }] }),
    effects: [],
  },
  {
    rule: "a condition that comes takes it",
    before: world([team], bound),
    after: inRealms([team], { ci: [{ ...users(...bound), conditions: [condition] }] }),
    effects: ["- group team (2) p:ci: createTask"],
  },
  {
    rule: "what @root gives is told of every realm that is defined",
    before: inRealms([team], { "@root": [], ci: [], try: [] }),
    after: inRealms([team], { "@root": [users(...bound)], ci: [], try: [] }),
    effects: [
      "+ group team (2) p:@root: createTask",
      "+ group team (2) p:ci: createTask",
      "+ group team (2) p:try: createTask",
    ],
  },
  {
    rule: "a realm that is made was answered by @root before",
    before: inRealms([team], { "@root": [users(...bound)] }),
    after: inRealms([team], { "@root": [users(...bound)], ci: [users(eve)] }),
    effects: [`+ identity ${eve} p:ci: createTask`],
  },
  {
    rule: "a pool that stays in a realm that is told is not told again",
    before: { ...world([team], []), pools: [{ name: "one", realm: "p:ci" }] },
    after: { ...world([team], bound), pools: [{ name: "one", realm: "p:ci" }] },
    effects: ["+ group team (2) p:ci: createTask"],
  },
  {
    rule: "a pool that is made gives what its realm gives",
    before: world([team], bound),
    after: { ...world([team], bound), pools: [{ name: "one", realm: "p:ci" }] },
    effects: ["+ group team (2) pool one: createTask"],
  },
  {
    rule: "a pool that is moved takes and gives",
    before: {
      ...inRealms([team], { ci: [users(...bound)], try: [users(eve, ann)] }),
      pools: [{ name: "one", realm: "p:ci" }],
    },
    after: {
      ...inRealms([team], { ci: [users(...bound)], try: [users(eve, ann)] }),
      pools: [{ name: "one", realm: "p:try" }],
    },
    effects: [`+ identity ${eve} pool one: createTask`, `- identity ${bob} pool one: createTask`],
  },
  {
    rule: "a pool in a realm that nobody defined tells what @root gives it",
    before: {
      ...inRealms([team], { "@root": [] }),
      pools: [{ name: "one", realm: "p:nowhere" }],
    },
    after: {
      ...inRealms([team], { "@root": [users(...bound)] }),
      pools: [{ name: "one", realm: "p:nowhere" }],
    },
    effects: ["+ group team (2) p:@root: createTask", "+ group team (2) pool one: createTask"],
  },
  {
    rule: "the server level is told first, with all permissions of a setting",
    before: { ...world([team], []), settings: {} },
    after: { ...world([team], bound), settings: { view_all_tasks_group: "team" } },
    effects: ["+ group team (2) server: listTasks peek get", "+ group team (2) p:ci: createTask"],
  },
];

describe("the effects of a change", () => {
  for (const { rule, before, after, effects } of rules) {
    it(rule, () => {
      assert.deepEqual(effectsInShort(before, after), effects);
    });
  }

  it("have none when nothing changed", () => {
    const same = world([team], bound);
    const found = computeEffects({ ...inspectChange(same, same), summaryOnly: false });
    const nobody = { identities: 0, globs: 0 };
    assert.deepEqual(found, { gained: nobody, lost: nobody, effects: [] });
  });

  describe("on a permission that nobody declared", () => {
    const role = { name: "role/a", permissions: ["a.b.c"], includes: [], unresolved: false };
    const declared = { name: "a.b.c", attributes: [] };
    const binding = { role: "role/a", principals: bound, conditions: [] };
    const realm = { name: "ci", extends: [], bindings: [binding] };
    const configuration: Configuration = {
      ...emptyConfiguration,
      roles: [role],
      projects: [{ name: "p", customRoles: [], realms: [realm] }],
      groups: [group("team", { members: [ann] })],
    };
    const compute = (before: Configuration, after: Configuration): readonly string[] =>
      inShort(computeEffects({ ...inspectConfigurationChange(before, after), summaryOnly: false }));

    it("there are none", () => {
      const groups = [group("team", { members: [ann, bob] })];
      assert.deepEqual(compute(configuration, { ...configuration, groups }), []);
    });

    it("a declaration gives what bindings say, and its end takes it", () => {
      const withIt = { ...configuration, permissions: [declared] };
      assert.deepEqual(compute(configuration, withIt), ["+ group team (1) p:ci: c"]);
      assert.deepEqual(compute(withIt, configuration), ["- group team (1) p:ci: c"]);
    });
  });

  it("count everybody once, in however many places", () => {
    const realms = (list: readonly string[]): World =>
      inRealms([team, { name: "g", members: [bob, eve], globs: ["bot:*"] }], {
        ci: [users(...list)],
        try: [users(...list)],
      });
    const input = inspectChange(realms([]), realms([...bound, "group:g"]));
    const { gained, lost, effects } = computeEffects({ ...input, summaryOnly: true });
    assert.deepEqual(gained, { identities: 3, globs: 1 });
    assert.deepEqual(lost, { identities: 0, globs: 0 });
    assert.deepEqual(effects, []);
  });

  it("have witnesses that begin at the principal", () => {
    const groups = (nested: readonly string[]): readonly WorldGroup[] => [
      { ...team, globs: ["bot:*"] },
      { name: "all", nested },
    ];
    const input = inspectChange(
      world(groups([]), ["group:all"]),
      world(groups(["team"]), ["group:all"]),
    );
    const { effects } = computeEffects({ ...input, summaryOnly: false });
    const nested = { group: "all", reason: { kind: "nested", nested: "team" }, source: "main" };
    assert.deepEqual(
      effects.map(({ principal, witness }) => [principal.kind, witness.memberships]),
      [
        ["group", [nested]],
        [
          "glob",
          [{ group: "team", reason: { kind: "glob", glob: "bot:*" }, source: "main" }, nested],
        ],
      ],
    );
    assert.equal(effects[0]?.witness.binding?.principal, "group:all");
  });
});
