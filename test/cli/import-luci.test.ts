import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { runCli, type CliResult } from "./support/run-cli.ts";
import { makeFolder } from "./support/temp-folder.ts";

const realms = (principal: string): string =>
  `realms { name: "ci" bindings { role: "role/x.y" principals: "${principal}" } }
   custom_roles { name: "customRole/r" permissions: "a.b.c" }`;
const files = {
  "birds.cfg": realms("group:keepers"),
  "fish.cfg": realms("user:ann@b.org"),
  "pools.cfg": 'pool { name: "p" realm: "birds:ci" owners: "x" }',
  "bots.cfg":
    'trusted_dimensions: "pool" bot_group { bot_id: "b1" auth {} dimensions: "pool:p" dimensions: "os:L" }',
  "settings.cfg": 'auth { admins_group: "keepers" }',
};

/** A new folder with the files, and those of a directory of groups. */
function makeInput(groups: Readonly<Record<string, string>> = {}): string {
  const folder = makeFolder(files);
  for (const [name, text] of Object.entries(groups)) {
    mkdirSync(dirname(join(folder, "groups", name)), { recursive: true });
    writeFileSync(join(folder, "groups", name), text);
  }
  return folder;
}

const luci = (...args: readonly string[]): Promise<CliResult> =>
  runCli(["import", "luci", ...args]);

function everything(folder: string): readonly string[] {
  const at = (name: string): string => join(folder, name);
  return [
    ...["--realms", `birds=${at("birds.cfg")}`, "--realms", `fish=${at("fish.cfg")}`],
    ...["--pools", at("pools.cfg"), "--bots", at("bots.cfg"), "--settings", at("settings.cfg")],
    ...["--groups", at("groups")],
  ];
}

describe("fleetgate import luci, of everything", () => {
  const groups = { "keepers.txt": "user:ann@b.org", "mdb/vets.list": "bot:x" };

  it("writes one YAML that validates", async () => {
    const { code, stdout, stderr } = await luci(...everything(makeInput(groups)));
    assert.equal(code, 0, stderr);
    assert.deepEqual(Object.keys(parse(stdout) as object), [
      ...["settings", "permissions", "roles", "projects", "pools", "bot_groups", "groups"],
    ]);
    assert.match(
      stderr,
      /^2 projects, 2 realms, 2 bindings \(0 conditional\), 1 role\n1 pool, 1 bot group\n2 groups, 2 members\n/,
    );
    const validated = await runCli(["config", "validate", "--offline", "-"], { stdin: stdout });
    assert.equal(validated.code, 0, validated.stdout);
  });

  it("writes a folder of parts that config takes as it is, with the report beside them", async () => {
    const folder = makeInput(groups);
    const out = join(folder, "new", "fleet");
    const { code, stdout, stderr } = await luci(...everything(folder), "--out-dir", out);
    assert.equal(code, 0, stderr);
    const names = [
      ...["settings.yaml", "roles.yaml", "project-birds.yaml", "project-fish.yaml"],
      ...["pools.yaml", "bots.yaml", "groups.yaml", "import-report.txt"],
    ];
    assert.equal(stdout, names.map((name) => `wrote ${join(out, name)}\n`).join(""));
    assert.deepEqual(readdirSync(out).toSorted(), names.toSorted());
    assert.equal(readFileSync(join(out, "import-report.txt"), "utf8"), stderr);
    const validated = await runCli(["config", "validate", "--offline", out]);
    assert.equal(validated.code, 0, validated.stdout);
    assert.match(validated.stdout, /in 7 files\n$/);
  });

  it("warns of what stays in the folder from before", async () => {
    const folder = makeInput(groups);
    const out = ["--out-dir", join(folder, "fleet")];
    await luci(...everything(folder), ...out);
    writeFileSync(join(folder, "fleet", "policy.test.yaml"), "tests: []");
    const { code, stderr } = await luci("--pools", join(folder, "pools.cfg"), ...out);
    assert.equal(code, 0);
    assert.match(
      stderr,
      /^warning: in .*fleet, and not of this import: bots\.yaml, groups\.yaml, pr/,
    );
    assert.doesNotMatch(stderr, /pools\.yaml|policy/);
  });

  it("leaves roles out, or writes them to a file of their own", async () => {
    const folder = makeInput(groups);
    const args = ["--project", "birds", join(folder, "birds.cfg")];
    const without = await luci(...args, "--no-roles");
    assert.deepEqual(Object.keys(parse(without.stdout) as object), ["projects"]);
    const rolesOut = join(folder, "roles.yaml");
    const apart = await luci(...args, "--roles-out", rolesOut, "--out", join(folder, "birds.yaml"));
    assert.equal(apart.stdout, `wrote ${rolesOut}\nwrote ${join(folder, "birds.yaml")}\n`);
    const roles = parse(readFileSync(rolesOut, "utf8")) as { readonly roles: readonly unknown[] };
    assert.deepEqual(Object.keys(roles), ["permissions", "roles"]);
    assert.equal(roles.roles.length, 5);
    const both = await runCli(["config", "validate", "--offline", rolesOut, "-"], {
      stdin: without.stdout,
    });
    assert.equal(both.code, 0, both.stdout);
  });

  it("prints configuration and report as JSON, also beside files", async () => {
    const folder = makeInput(groups);
    const out = join(folder, "fleet");
    const { stdout, stderr } = await luci(...everything(folder), "--out-dir", out, "--json");
    const { report, configuration } = JSON.parse(stdout) as {
      readonly report: { readonly skippedFields: readonly unknown[] };
      readonly configuration: object;
    };
    assert.equal(stderr, "");
    assert.deepEqual(report.skippedFields[0], {
      file: join(folder, "pools.cfg"),
      name: "pool.owners",
      count: 1,
      lines: [1],
    });
    assert.ok("bot_groups" in configuration);
    assert.equal(readdirSync(out).length, 8);
  });

  it("takes a project behind the options and further ones with --realms", async () => {
    const folder = makeInput();
    const { stdout } = await luci(
      ...["--project", "birds", join(folder, "birds.cfg")],
      ...["--realms", `fish=${join(folder, "fish.cfg")}`],
    );
    const { projects } = parse(stdout) as { readonly projects: readonly { name: string }[] };
    assert.deepEqual(
      projects.map(({ name }) => name),
      ["birds", "fish"],
    );
  });

  it("takes bare words of lists for names of the domain", async () => {
    const folder = makeInput({ "google/team": "ann\n" });
    const { stdout } = await luci("--groups", join(folder, "groups"), "--group-domain", "b.org");
    assert.deepEqual(parse(stdout), {
      groups: [{ name: "google/team", members: ["user:ann@b.org"] }],
    });
  });

  it("passes over entries that begin with a dot, and says so", async () => {
    const folder = makeInput({ ".git/x/y": "", ".gitignore": "", "mdb/.keep": "", a: "bot:x" });
    const { code, stderr } = await luci("--groups", join(folder, "groups"));
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^passed over: \S+\.git, \S+\.gitignore, \S+mdb\/\.keep\n/);
  });

  it("ends with 3 and every problem of every file, and writes nothing", async () => {
    const folder = makeInput({ "BAD.txt": "", good: "ann" });
    const out = join(folder, "fleet");
    writeFileSync(join(folder, "pools.cfg"), 'pool {}\npool { name: "a" realm: "b" }');
    const { code, stdout, stderr } = await luci(...everything(folder), "--out-dir", out);
    assert.deepEqual([code, stdout], [3, ""]);
    assert.match(stderr, /pools\.cfg:1:6: error: pool has no name\n/);
    assert.match(stderr, /pools\.cfg:2:25: error: /);
    assert.match(stderr, /BAD\.txt: error: the path of a list/);
    assert.match(stderr, /good:1:1: error: "ann" has no kind/);
    assert.match(stderr, /\nnot imported: 5 errors\n$/);
    assert.throws(() => readdirSync(out));
    const json = await luci(...everything(folder), "--json");
    assert.match(json.stdout, /"reason": "CONFIG_INVALID"/);
  });
});

describe("fleetgate import luci, of the wrong file", () => {
  it("ends with 3, names the kind that it looks like, and writes nothing", async () => {
    const folder = makeInput();
    const out = join(folder, "web.yaml");
    const pools = join(folder, "pools.cfg");
    const { code, stdout, stderr } = await luci("--realms", `web=${pools}`, "--out", out);
    assert.deepEqual([code, stdout], [3, ""], stderr);
    assert.match(
      stderr,
      /pools\.cfg:1:1: error: expected a realms\.cfg, .* looks like a pools\.cfg\n/,
    );
    assert.ok(!readdirSync(folder).includes("web.yaml"));
  });
});

describe("fleetgate import luci ends with 2", () => {
  const folder = makeInput({ "a/b/c": "" });
  const birds = join(folder, "birds.cfg");
  const groups = join(folder, "groups");
  symlinkSync(join(folder, "nowhere"), join(folder, "dangling"));
  const cases: readonly [what: string, args: readonly string[], message: RegExp][] = [
    ["with nothing to import", [], /there is nothing to import/],
    ["for a realms.cfg without --project", [birds], /--project is missing/],
    [
      "for --project without a realms.cfg",
      ["--project", "birds", "--pools", "x"],
      /--project is of/,
    ],
    ["for --realms without a project", ["--realms", birds], /must be PROJECT=FILE/],
    ["for --realms without a file", ["--realms", "birds="], /must be PROJECT=FILE/],
    ["for a bad project", ["--realms", `UP=${birds}`], /project: must be 1 to 100/],
    [
      "for a project given twice",
      ["--realms", `a=${birds}`, "--realms", `a=${birds}`],
      /a must be given once/,
    ],
    ["for standard input twice", ["--pools", "-", "--bots", "-"], /only one file/],
    ["for a file that is not there", ["--pools", join(folder, "none")], /it does not exist/],
    ["for a directory that is not there", ["--groups", join(folder, "none")], /does not exist/],
    ["for a file as a directory", ["--groups", birds], /a part of its path is not a directory/],
    ["for lists too deep", ["--groups", groups], /a\/b lies too deep/],
    ["for a bad domain", ["--groups", join(groups, "a", "b"), "--group-domain", "a b"], /domain/],
    ["for a domain without lists", ["--pools", "-", "--group-domain", "b.org"], /for the lists/],
    ["for --out and --out-dir", ["--pools", "-", "--out", "a", "--out-dir", "b"], /exclude/],
    ["for --no-roles and --roles-out", ["--pools", "-", "--no-roles", "--roles-out", "a"], /excl/],
    ["for a directory that cannot be made", ["--pools", "-", "--out-dir", birds], /cannot make/],
  ];
  for (const [what, args, message] of cases) {
    it(what, async () => {
      const { code, stdout, stderr } = await luci(...args);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, message);
    });
  }
});
