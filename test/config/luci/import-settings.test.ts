import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { importLuci } from "../../../src/config/luci/import-luci.ts";
import { problemsOf } from "./support/problems.ts";

const importSettings = (text: string) => importLuci({ settings: { path: "settings.cfg", text } });

const all = (admins: string) => ({
  admins_group: admins,
  bot_bootstrap_group: admins,
  privileged_users_group: admins,
  users_group: admins,
  view_all_bots_group: admins,
  view_all_tasks_group: admins,
});

describe("importLuci, of a settings.cfg", () => {
  it("takes over the six groups of auth", () => {
    const named = Object.keys(all("")).map((field, index) => [field, `group-${index}`] as const);
    const text = named.map(([field, name]) => `${field}: "${name}"`).join(" ");
    const { configuration, report } = importSettings(`auth { ${text} }`);
    assert.deepEqual(configuration, { settings: Object.fromEntries(named) });
    assert.deepEqual(report.notes, []);
    assert.deepEqual(
      report.missingGroups,
      named.map(([, name]) => name),
    );
  });

  const defaults: readonly [text: string, settings: Readonly<Record<string, string>>][] = [
    ["", all("administrators")],
    ["auth { }", all("administrators")],
    ['auth { admins_group: "" users_group: "" }', all("administrators")],
    ['auth { admins_group: "gods" }', all("gods")],
    ['auth { admins_group: "gods" users_group: "all" }', { ...all("gods"), users_group: "all" }],
    ['auth { users_group: "all" }', { ...all("administrators"), users_group: "all" }],
  ];
  for (const [text, settings] of defaults) {
    it(`writes out the defaults of ${text === "" ? "an empty file" : text}, and says so`, () => {
      const { configuration, report } = importSettings(text);
      assert.deepEqual(configuration.settings, settings);
      assert.match(report.notes.join("\n"), /not in the file; the default .* was written out/);
    });
  }

  it("counts what it leaves out", () => {
    const { report } = importSettings(
      'auth { force_x: 1 }\nui_client_id: "x"\nmp { enabled: true }',
    );
    const skipped = report.skippedFields.map(({ name, lines }) => [name, ...lines]);
    assert.deepEqual(skipped, [
      ["ui_client_id", 2],
      ["mp", 3],
      ["auth.force_x", 1],
    ]);
  });

  const cases: readonly [text: string, problem: RegExp][] = [
    ["auth: 1", /^settings\.cfg:1:7: auth must be a message/],
    ["auth {} auth {}", /:1:9: auth is given twice$/],
    ['auth { admins_group: "Gods" }', /:1:22: the name of a group .*: "Gods"$/],
    ["auth { users_group: all }", /:1:21: users_group must be a string in quotes$/],
    ['auth { users_group: ["a"] }', /:1:8: users_group is one value, not a list$/],
  ];
  for (const [text, problem] of cases) {
    it(`refuses ${text}`, () => {
      const problems = problemsOf({ settings: { path: "settings.cfg", text } });
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0] ?? "", problem);
    });
  }
});
