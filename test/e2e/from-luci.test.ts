import assert from "node:assert/strict";
import { appendFileSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { before, describe, it } from "node:test";
import { testChapter } from "../docs/support/chapter.ts";
import { openShell } from "../docs/support/shell.ts";
import { makeFolder } from "./support/cleanup.ts";
import { fleetgate, root, type Ended } from "./support/processes.ts";
import { startServer, writeHeaderFile } from "./support/server.ts";

const folder = makeFolder();
const file = (name: string): string => join(folder, name);

const realmsCfg = `
# Written by a generator.
realms {
  name: "@root"
  bindings {
    role: "role/swarming.poolViewer"
    principals: "group:staff"
  }
  bindings {
    role: "role/logdog.reader"
    principals: "group:staff"
  }
}
realms {
  name: "try"
  extends: "shared"
  bindings {
    role: "role/swarming.taskTriggerer"
    principals: "group:committers"
  }
  bindings {
    role: "role/swarming.poolUser"
    principals: "user:robot@example.com"
    conditions {
      restrict {
        attribute: "scheduler.job.name"
        values: "nightly"
      }
    }
  }
  bindings {
    role: "role/buildbucket.builderServiceAccount"
    principals: "user:try-builder@robots.example.com"
  }
}
realms {
  name: "shared"
  bindings {
    role: "customRole/helper"
    principals: "user:helper@example.com"
  }
}
custom_roles {
  name: "customRole/helper"
  extends: "role/swarming.poolUser"
  permissions: "swarming.pools.cancelTask"
}
`;

// What a realms.cfg does not hold: who is in the groups, the pools, and who may ask.
const byHand = `
groups:
  - { name: staff, globs: ["user:*@example.com"] }
  - { name: committers, members: ["user:Carol@example.com"] }
  - { name: buildbucket-internal-readers }
  - { name: resultdb-internal-readers }
  - { name: resultdb-internal-invocation-submitters }
pools:
  - { name: acme.tests, realm: acme:try }
  - { name: acme.other, realm: acme:not-in-the-file }
settings:
  delegations: [{ group: administrators }]
`;

describe("a realms.cfg of LUCI", () => {
  let env: Readonly<Record<string, string>> = {};
  let imported: Ended;

  before(async () => {
    writeFileSync(file("realms.cfg"), realmsCfg);
    writeFileSync(file("by-hand.yaml"), byHand);
    const { url, token } = await startServer();
    env = { FLEETGATE_ENDPOINT: url, FLEETGATE_HEADER_FILE: writeHeaderFile(token) };
    const out = ["--out", file("acme.yaml")];
    imported = await fleetgate(["import", "luci", "--project", "acme", file("realms.cfg"), ...out]);
    assert.equal(imported.code, 0, imported.stderr);
    const files = [file("acme.yaml"), file("by-hand.yaml")];
    const applied = await fleetgate(["config", "apply", ...files], env);
    assert.equal(applied.code, 0, applied.stderr);
  });

  const check = (...args: readonly string[]): Promise<Ended> => fleetgate(["check", ...args], env);
  const inPool = async (
    caller: string,
    permission: string,
    pool = "acme.tests",
  ): Promise<number | null> => {
    const who = ["--caller", caller, "--permission", `swarming.pools.${permission}`];
    const { code } = await check("pool", pool, ...who);
    return code;
  };

  it("is counted, and what is left to do is said", () => {
    assert.match(imported.stderr, /^3 realms, 6 bindings \(1 conditional\), 6 roles\n/);
    assert.match(imported.stderr, /roles that grant nothing[^]*\n {2}role\/logdog\.reader\n/);
    assert.match(imported.stderr, /groups to fill in:\n {2}committers\n {2}staff\n/);
  });

  it("declares a role that nobody knows as unresolved; it grants nothing", () => {
    const yaml = readFileSync(file("acme.yaml"), "utf8");
    assert.match(yaml, /- name: role\/logdog\.reader\n\s+unresolved: true/);
  });

  it("answers by its bindings, inherited ones included", async () => {
    assert.deepEqual(
      await Promise.all([
        inPool("user:ann@example.com", "listBots"),
        inPool("user:ann@example.com", "createTask"),
        inPool("user:helper@example.com", "createTask"),
        inPool("user:helper@example.com", "cancelTask"),
        inPool("user:helper@elsewhere.org", "listBots"),
      ]),
      [0, 1, 0, 0, 1],
    );
  });

  it("falls back to @root where a pool is in a realm that is not in the file", async () => {
    assert.equal(await inPool("user:ann@example.com", "listBots", "acme.other"), 0);
    assert.equal(await inPool("user:helper@example.com", "createTask", "acme.other"), 1);
  });

  it("grants nothing by a conditional binding, for the checks pass no attributes", async () => {
    assert.equal(await inPool("user:robot@example.com", "createTask"), 1);
    assert.equal(await inPool("user:robot@example.com", "listBots"), 0);
  });

  it("knows the Swarming part of roles of other services", async () => {
    const realm = ["--realm", "acme:try"];
    const [builder, other] = await Promise.all([
      check("act-as", "try-builder@robots.example.com", ...realm),
      check("act-as", "other@robots.example.com", ...realm),
    ]);
    assert.deepEqual([builder.code, other.code], [0, 1]);
    const carol = ["--caller", "user:carol@example.com"];
    assert.equal((await check("create-in-realm", "acme:try", ...carol)).code, 0);
  });

  it("has the bindings that LUCI adds to every project", async () => {
    assert.equal(await inPool("project:acme", "createTask"), 0);
    assert.equal(await inPool("project:other", "createTask"), 1);
  });

  it("of a second project is a source of its own, imported without the roles of the first", async () => {
    const args = ["import", "luci", "--project", "beta", file("realms.cfg")];
    await fleetgate([...args, "--out", file("beta.yaml")]);
    const second = ["config", "apply", file("beta.yaml"), "--source", "beta"];
    const refused = await fleetgate(second, env);
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /role\/logdog\.reader/);
    await fleetgate([...args, "--no-roles", "--out", file("beta.yaml")]);
    const accepted = await fleetgate(second, env);
    assert.equal(accepted.code, 0, accepted.stderr);
  });

  it("with a mistake is refused with its line, and nothing is written", async () => {
    writeFileSync(file("bad.cfg"), 'realms {\n  name: "a"\n  bindngs {}\n}\nrealms {\n');
    const { code, stdout, stderr } = await fleetgate([
      "import",
      "luci",
      "--project",
      "acme",
      file("bad.cfg"),
    ]);
    assert.equal(code, 3);
    assert.equal(stdout, "");
    assert.match(stderr, /bad\.cfg:\d+/);
  });
});

const page = readFileSync(join(root, "docs", "from-luci.md"), "utf8");

/** What the page says stands in a file of YAML, by the comment that the block begins with. */
function yamlBlock(comment: string): string {
  const found = page.split("```yaml\n# ").find((part) => part.startsWith(`${comment}\n`));
  assert.ok(found !== undefined, comment);
  return found.slice(comment.length + 1, found.indexOf("```"));
}

/** A program of the examples, as it finds the packages here; its URL. */
function placeExample(name: string): string {
  const packages: Readonly<Record<string, string>> = {
    "fleetgate/client/node": pathToFileURL(join(root, "src/client/node/index.ts")).href,
    "@bufbuild/protobuf": import.meta.resolve("@bufbuild/protobuf"),
    "prom-client": import.meta.resolve("prom-client"),
  };
  const text = readFileSync(join(root, "examples", "luci", name), "utf8");
  const placed = text.replaceAll(/ from "([^"]+)"/g, (whole, specifier: string) => {
    const url = packages[specifier];
    return url === undefined ? whole : ` from ${JSON.stringify(url)}`;
  });
  writeFileSync(file(name), placed);
  return file(name);
}

describe("the migration guide", () => {
  let fleet = "";
  const edit = (name: string, from: string, to: string): void => {
    const text = readFileSync(join(fleet, name), "utf8");
    assert.ok(text.includes(from), `${name} holds ${from}`);
    writeFileSync(join(fleet, name), text.replace(from, to));
  };

  testChapter({
    page: "docs/from-luci.md",
    open: () => {
      const shell = openShell();
      fleet = join(shell.folder, "fleet");
      symlinkSync(join(root, "examples"), join(shell.folder, "examples"));
      return Promise.resolve({
        shell,
        edits: [
          ["examples/luci/compare.ts", placeExample("compare.ts")],
          // One pipe keeps the two outputs in their order.
          [/^(fleetgate (?:config|import) .*)$/g, "$1 2>&1"],
        ],
      });
    },
    exits: [[/^node .*compare/, 1]],
    afterwards: [
      [
        /^fleetgate import luci --realms/,
        () => {
          appendFileSync(
            join(fleet, "settings.yaml"),
            yamlBlock("at the end of fleet/settings.yaml"),
          );
          for (const name of ["by-hand.yaml", "old-answers.test.yaml"]) {
            writeFileSync(join(fleet, name), yamlBlock(`fleet/${name}`));
          }
          const role = "  - name: role/scheduler.triggerer\n";
          edit("roles.yaml", `${role}    unresolved: true\n`, yamlBlock("in fleet/roles.yaml"));
        },
      ],
      [
        /^fleetgate explain/,
        () => {
          edit("by-hand.yaml", "members: []", 'members: ["user:eve@example.com"]');
        },
      ],
    ],
  });

  it("shows the program that runs beside the old checks", () => {
    const program = readFileSync(join(root, "examples", "luci", "shadow.ts"), "utf8");
    assert.ok(page.includes(`\`\`\`ts\n${program}\`\`\``));
  });
});
