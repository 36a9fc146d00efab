import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { DomainError } from "../../../src/domain/errors.ts";
import { importRealms } from "./support/import-realms.ts";
import { validateConfiguration } from "../../../src/config/validate.ts";

const importText = (text: string, project = "birds") =>
  importRealms({ project, file: "realms.cfg", text });

/** Every syntax of the format, and every field of the file. */
const aviary = String.raw`
# A file as people write it.
realms {
  name: "@root"
  bindings { role: "role/swarming.poolViewer" principals: "group:all" }
}
realms: <
  name: 'pools/' "fin" 'ch';   # joined
  extends: ["@root", "shared"]
  bindings: [
    { role: "role/swarming.poolUser", principals: ["user:ann@example.com", "group:keepers"] },
    <
      role: "customRole/feeder";
      principals: "project:fish"
      conditions { restrict: { attribute: "feed.time" values: ["dawn", "d\165sk", "\x6eoon"] } }
    >
  ]
  enforce_in_service: "nest-box"
>
realms {
  name: "shared"
  bindings { role: "role/nests.keeper" principals: "group:keepers" principals: "group:mdb/vets" }
  bindings { role: "role/buildbucket.builderServiceAccount" principals: "user:robot@example.com" }
  bindings { role: "role/nests.keeper" }
}
custom_roles {
  name: "customRole/feeder"
  extends: "role/swarming.taskViewer"
  extends: "role/seeds.reader"
  permissions: "seeds.bags.open"
  permissions: "swarming.tasks.cancel"
}
custom_roles { name: "customRole/idle" extends: "customRole/feeder" }
`;

describe("importLuci, of one realms.cfg", () => {
  it("turns realms, custom roles and bindings into our configuration", () => {
    const { project } = importText(aviary);
    assert.equal(project.name, "birds");
    assert.deepEqual(project.custom_roles, [
      {
        name: "customRole/feeder",
        permissions: ["seeds.bags.open", "swarming.tasks.cancel"],
        includes: ["role/swarming.taskViewer", "role/seeds.reader"],
      },
      { name: "customRole/idle", includes: ["customRole/feeder"] },
    ]);
    assert.deepEqual(project.realms.slice(1), [
      {
        name: "pools/finch",
        extends: ["shared"],
        bindings: [
          {
            role: "role/swarming.poolUser",
            principals: ["user:ann@example.com", "group:keepers"],
          },
          {
            role: "customRole/feeder",
            principals: ["project:fish"],
            conditions: [{ attribute: "feed.time", values: ["dawn", "dusk", "noon"] }],
          },
        ],
      },
      {
        name: "shared",
        bindings: [
          { role: "role/nests.keeper", principals: ["group:keepers", "group:mdb/vets"] },
          {
            role: "role/buildbucket.builderServiceAccount",
            principals: ["user:robot@example.com"],
          },
          { role: "role/nests.keeper", principals: [] },
        ],
      },
    ]);
  });

  it("appends to @root the bindings that LUCI implies", () => {
    const [root] = importText(aviary).project.realms;
    assert.deepEqual(root, {
      name: "@root",
      bindings: [
        { role: "role/swarming.poolViewer", principals: ["group:all"] },
        { role: "role/luci.internal.system", principals: ["project:birds"] },
        {
          role: "role/luci.internal.buildbucket.reader",
          principals: ["group:buildbucket-internal-readers"],
        },
        {
          role: "role/luci.internal.resultdb.reader",
          principals: ["group:resultdb-internal-readers"],
        },
        {
          role: "role/luci.internal.resultdb.invocationSubmittedSetter",
          principals: ["group:resultdb-internal-invocation-submitters"],
        },
      ],
    });
  });

  it("makes a @root for them when the file has none", () => {
    const { project, report } = importText('realms { name: "a" }');
    const names = project.realms.map(({ name }) => name);
    assert.deepEqual(names, ["@root", "a"]);
    assert.equal(report.realms, 1);
  });

  it("implies nothing for the pseudo-project @internal", () => {
    const { configuration } = importText('realms { name: "a" }', "@internal");
    assert.deepEqual(configuration, { projects: [{ name: "@internal", realms: [{ name: "a" }] }] });
  });

  it("imports an empty file", () => {
    assert.deepEqual(importText("", "@internal").configuration, {
      projects: [{ name: "@internal", realms: [] }],
    });
  });

  it("declares the permissions of custom roles that are not built in", () => {
    assert.deepEqual(importText(aviary).configuration.permissions, [{ name: "seeds.bags.open" }]);
  });

  it("declares roles that nobody knows as unresolved, and others with their Swarming part", () => {
    const { configuration, report } = importText(aviary);
    assert.deepEqual(configuration.roles, [
      {
        name: "role/buildbucket.builderServiceAccount",
        includes: ["role/swarming.taskServiceAccount", "role/swarming.taskTriggerer"],
      },
      { name: "role/luci.internal.buildbucket.reader", unresolved: true },
      { name: "role/luci.internal.resultdb.invocationSubmittedSetter", unresolved: true },
      { name: "role/luci.internal.resultdb.reader", unresolved: true },
      {
        name: "role/luci.internal.system",
        includes: ["role/swarming.poolUser", "role/swarming.taskTriggerer"],
      },
      { name: "role/nests.keeper", unresolved: true },
      { name: "role/seeds.reader", unresolved: true },
    ]);
    assert.deepEqual(report.unresolvedRoles, [
      "role/luci.internal.buildbucket.reader",
      "role/luci.internal.resultdb.invocationSubmittedSetter",
      "role/luci.internal.resultdb.reader",
      "role/nests.keeper",
      "role/seeds.reader",
    ]);
    const partly = report.notes.filter((note) => note.startsWith("only the Swarming part"));
    assert.equal(partly.length, 2);
  });

  it("counts what the file says", () => {
    const { report } = importText(aviary);
    assert.deepEqual(
      [report.realms, report.bindings, report.roles, report.conditionalBindings],
      [3, 6, 5, 1],
    );
    assert.deepEqual(report.missingGroups, ["all", "keepers"]);
    assert.deepEqual(report.idleGroups, ["mdb/vets"]);
    assert.deepEqual(report.skippedFields, []);
  });

  it("notes what has no counterpart here", () => {
    const notes = importText(aviary).report.notes.join("\n");
    assert.match(notes, /^line 18: enforce_in_service of realm pools\/finch is left out/m);
    assert.match(notes, /^line 9: extends "@root" of realm pools\/finch is left out/m);
    assert.match(notes, /^a condition guards the whole role here/m);
  });

  it("names unknown fields with their lines and takes over the rest", () => {
    const { project, report } = importText(
      'version: 3\nrealms {\n  name: "a"\n  colour: RED\n  [x.y] { z: 1 }\n}\ncustom_roles {\n  name: "customRole/r" size: [1, 2] }',
      "@internal",
    );
    assert.deepEqual(project.realms, [{ name: "a" }]);
    assert.deepEqual(report.skippedFields, [
      { file: "realms.cfg", name: "realms.colour", count: 1, lines: [4] },
      { file: "realms.cfg", name: "realms.[x.y]", count: 1, lines: [5] },
      { file: "realms.cfg", name: "custom_roles.size", count: 1, lines: [8] },
      { file: "realms.cfg", name: "version", count: 1, lines: [1] },
    ]);
  });

  const narrowed: readonly [what: string, fields: string, skipped: readonly string[]][] = [
    ["an unknown field", "only_on: SUNDAY", ["realms.bindings.only_on"]],
    ["an empty condition", "conditions { }", []],
    ["an unknown kind of condition", "conditions { at { } }", ["realms.bindings.conditions.at"]],
    [
      "an unknown field beside a known condition",
      'conditions { restrict { attribute: "a" } negate: true }',
      ["realms.bindings.conditions.negate"],
    ],
    [
      "an unknown field in a condition",
      'conditions { restrict { attribute: "a" negate: true } }',
      ["realms.bindings.conditions.restrict.negate"],
    ],
  ];
  for (const [what, fields, skipped] of narrowed) {
    it(`leaves out a binding with ${what} instead of widening it`, () => {
      const { project, report } = importText(
        `realms { name: "a"\n bindings { role: "role/x" principals: "group:all" ${fields} }\n bindings { role: "role/y" } }`,
        "@internal",
      );
      const bindings = project.realms[0]?.bindings;
      assert.deepEqual(bindings, [{ role: "role/y", principals: [] }]);
      assert.deepEqual([report.bindings, report.missingGroups, report.idleGroups], [1, [], []]);
      const names = report.skippedFields.map(({ name }) => name);
      assert.deepEqual(names, skipped);
      assert.match(
        report.notes.join("\n"),
        /^line 2: the binding of role\/x in realm a is left out/m,
      );
    });
  }

  it("writes the configuration as YAML that reads back the same", () => {
    const { configuration, yaml } = importText(aviary);
    assert.deepEqual(parse(yaml), configuration);
    // Words that YAML reads as something else, long lines, and line breaks of its own.
    const values = ["on", "1.5", "null", "~", "- a", "# b", "x: y", "'", "", " ", "w ".repeat(200)];
    const odd = importText(
      `realms { name: "1.0" bindings { role: "role/x" conditions { restrict { attribute: "true"
        values: ${JSON.stringify(values)} } } } }`,
    );
    assert.deepEqual(parse(odd.yaml), odd.configuration);
  });

  it("writes a configuration that validates, with warnings for what is left to do", () => {
    const { yaml, report } = importText(aviary);
    const { problems, configuration } = validateConfiguration({
      source: "main",
      files: [{ path: "birds.yaml", text: yaml }],
      others: new Map(),
    });
    assert.deepEqual(
      problems.filter(({ severity }) => severity === "error"),
      [],
    );
    assert.equal(configuration?.projects[0]?.realms.length, 3);
    for (const name of [...report.unresolvedRoles, ...report.missingGroups, ...report.idleGroups]) {
      const isWarnedOf = problems.some(({ message }) => message.includes(`"${name}"`));
      assert.ok(isWarnedOf, name);
    }
  });

  it("says in a comment where the YAML comes from and what is left to do", () => {
    const { yaml } = importRealms({ project: "birds", file: "a\nb: c", text: `x: 1 ${aviary}` });
    const header = yaml.slice(0, yaml.indexOf("\n\n"));
    assert.ok(header.split("\n").every((line) => line.startsWith("#")));
    for (const part of [
      "a\\nb: c: x: once",
      "3 realms, 6 bindings",
      "# - mdb/vets",
      "# - role/nests.keeper",
    ]) {
      assert.ok(header.includes(part), part);
    }
  });

  it("refuses a bad project name", () => {
    assert.throws(
      () => importText("", "Birds"),
      (error) => error instanceof DomainError && error.reason === "INVALID_FIELD",
    );
  });
});
