import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { importLuci, type LuciFiles } from "../../../src/config/luci/import-luci.ts";
import { problemsOf } from "./support/problems.ts";

const kinds = ["realms.cfg", "pools.cfg", "bots.cfg", "settings.cfg"] as const;
type Kind = (typeof kinds)[number];

const good: Readonly<Record<Kind, string>> = {
  "realms.cfg": '# c\n  realms { name: "ci" }\ncustom_roles { name: "customRole/r" }',
  "pools.cfg": '# c\n  pool { name: "p" realm: "birds:ci" }',
  "bots.cfg": '# c\n  trusted_dimensions: "pool"\nbot_group { auth {} }',
  "settings.cfg": '# c\n  auth { admins_group: "keepers" }\nui_client_id: "x"',
};

/** The import of one file as this kind. */
function as(kind: Kind, text: string): LuciFiles {
  const file = { path: "the/file", text };
  const files: Readonly<Record<Kind, LuciFiles>> = {
    "realms.cfg": { realms: [{ project: "birds", file }] },
    "pools.cfg": { pools: file },
    "bots.cfg": { bots: file },
    "settings.cfg": { settings: file },
  };
  return files[kind];
}

describe("importLuci, of a file of another kind", () => {
  for (const kind of kinds) {
    for (const other of kinds) {
      it(`${kind === other ? "takes" : "refuses"} a ${other} as ${kind}`, () => {
        const problems = problemsOf(as(kind, good[other]));
        if (kind === other) {
          assert.deepEqual(problems, []);
          return;
        }
        assert.equal(problems.length, 1, problems.join("\n"));
        const place = "the/file:2:3: ";
        assert.ok(problems[0]?.startsWith(`${place}expected a ${kind}, `), problems[0]);
        assert.ok(problems[0]?.endsWith(`; the file looks like a ${other}`), problems[0]);
      });
    }

    it(`names no kind when the fields fit none, for a ${kind}`, () => {
      for (const text of ["name: 1", "[a.b/c] {}", "Realms {} POOL {}", "x: []"]) {
        assert.match(
          problemsOf(as(kind, text)).join("\n"),
          /^the\/file:1:1: expected a .*; the file looks like another file$/,
        );
      }
    });

    it(`names no kind when the fields fit several others, for a ${kind}`, () => {
      const [one = "", two = ""] = kinds.filter((other) => other !== kind).map((k) => good[k]);
      const problems = problemsOf(as(kind, `${one}\n${two}`));
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", /; the file looks like another file$/);
    });

    it(`takes a ${kind} that has fields of others too, and counts them`, () => {
      const foreign = kinds.filter((other) => other !== kind).map((other) => good[other]);
      const { report } = importLuci(as(kind, [good[kind], ...foreign].join("\n")));
      assert.ok(report.skippedFields.length >= 3);
    });
  }

  it("takes an empty file as before", () => {
    for (const text of ["", " \n# only a comment\n"]) {
      assert.deepEqual(problemsOf(as("realms.cfg", text)), []);
      assert.deepEqual(problemsOf(as("pools.cfg", text)), []);
      assert.deepEqual(problemsOf(as("settings.cfg", text)), []);
      assert.deepEqual(problemsOf(as("bots.cfg", text)), [
        'the/file:1:1: trusted_dimensions must contain "pool"',
      ]);
    }
  });

  it("takes a file whose fields are of its kind, though none is imported", () => {
    for (const [kind, text] of [
      ["settings.cfg", 'google_analytics: "x"\nbot_death_timeout_secs: 600'],
      ["settings.cfg", "mp { enabled: true }"],
      ["pools.cfg", 'default_external_services {} task_template { name: "x" }'],
      ["pools.cfg", 'forbid_unknown_pools: true bot_monitoring { name: "m" }'],
      ["realms.cfg", "realms: []"],
    ] as const) {
      assert.deepEqual(problemsOf(as(kind, text)), [], text);
    }
  });

  it("looks at the top of the file only", () => {
    assert.match(
      problemsOf(as("realms.cfg", "x { realms {} }")).join(),
      /looks like another file$/,
    );
  });
});
