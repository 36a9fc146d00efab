import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { atEnd } from "../e2e/support/cleanup.ts";
import { textFile } from "../e2e/support/clients.ts";
import { root } from "../e2e/support/processes.ts";
import { admin } from "../e2e/support/server.ts";
import { createPostgresDatabase } from "../support/database.ts";
import { testChapter } from "./support/chapter.ts";
import type { Shell } from "./support/shell.ts";
import { openServed } from "./support/stages.ts";

// The names that the page uses.
const fleet = `
settings:
  delegations: [{ group: administrators, caller_globs: ["user:*@example.com"] }]
groups:
  - { name: chromium-devs, members: ["user:ann@example.com"] }
projects:
  - name: chromium
    realms:
      - name: ci
        bindings:
          - role: role/swarming.poolUser
            principals: ["${admin}", "group:chromium-devs"]
          - role: role/swarming.poolViewer
            principals: ["${admin}"]
          - role: role/swarming.taskTriggerer
            principals: ["user:builder@example.com"]
          - role: role/swarming.taskServiceAccount
            principals: ["user:builder@example.com"]
pools:
  - { name: chromium.tests, realm: "chromium:ci" }
  - { name: chromium.gpu, realm: "chromium:ci" }
bot_groups:
  - { name: machines, bot_ids: ["vm{1..20}-m1"], pools: [chromium.tests] }
`;
const policy = (pool: string): string => `
tests:
  - name: ann submits tasks
    identity: user:ann@example.com
    permission: swarming.pools.createTask
    pool: ${pool}
    expect: allowed
`;
const team = `pools: [{ name: team.pool, realm: "chromium:ci" }]\n`;
const realmsCfg = `realms { name: "ci" bindings { role: "role/swarming.poolViewer" principals: "group:all" } }\n`;

// As a shell finds it when the command is run.
const etagOfGroup = (group: string): string =>
  `"$(fleetgate group get ${group} --no-members --json | jq -r .group.etag)"`;

let shell: Shell;

testChapter({
  page: "docs/cli.md",
  open: async () => {
    const stage = await openServed([{ path: "empty.yaml", text: "{}" }]);
    const { server } = stage;
    const { groups } = server.admin;
    // No source manages it: the page edits it.
    const linuxDevs = { name: "linux-devs", members: ["user:ann@example.com"] };
    const { revisionToken } = await groups.createGroup({ group: linuxDevs });
    await server.admin.config.apply({ source: "main", files: [textFile(fleet, "fleet.yaml")] });
    // A change of the past that can be undone: nothing touches its group again.
    await groups.createGroup({ group: { name: "mistake" } });
    const { changes } = await server.admin.changes.listChanges({ pageSize: 1 });
    const mistake = changes[0]?.revision.toString() ?? "";
    const creation = await server.admin.changes.listChanges({ group: "linux-devs" });
    const created = creation.changes[0]?.revision.toString() ?? "";
    ({ shell } = stage);
    const write = (name: string, text: string): void => writeFileSync(join(shell.folder, name), text);
    mkdirSync(join(shell.folder, "fleet"));
    mkdirSync(join(shell.folder, "policies"));
    write("fleet/fleet.yaml", fleet);
    write("fleet/policy.test.yaml", policy("chromium.tests"));
    write("policies/gpu.test.yaml", policy("chromium.gpu"));
    write("team.yaml", team);
    write("realms.cfg", realmsCfg);
    write("pools.txt", "chromium.tests\nchromium.gpu\n");
    write("contractors.txt", "# from outside\nuser:kim@example.com\ndave@example.com\n");
    write("staff.csv", "group,member\nstaff,ann\nstaff,bob\nleads,ann\n");
    mkdirSync(join(shell.folder, "lists"));
    write("lists/leads.txt", "user:ann@example.com\n");
    write("lists/staff.txt", "user:ann@example.com\nuser:bob@example.com\n");
    const luci = join(root, "examples", "luci");
    for (const name of ["pools.cfg", "bots.cfg", "settings.cfg"]) {
      cpSync(join(luci, name), join(shell.folder, name));
    }
    mkdirSync(join(shell.folder, "groups"));
    write("groups/all.txt", "anonymous:anonymous\nuser:*\n");
    cpSync(join(luci, "web-realms.cfg"), join(shell.folder, "chromium.cfg"));
    cpSync(join(luci, "os-realms.cfg"), join(shell.folder, "v8.cfg"));
    write("fleetgate.server.yaml", "embedded: .fleetgate/db\nlisten: 127.0.0.1:0\nmetrics_listen: off\n");
    rmSync(join(shell.folder, "admin.header"));
    const template = process.env["FLEETGATE_TEST_EMBEDDED_TEMPLATE"] ?? "";
    cpSync(template, join(shell.folder, ".fleetgate", "db"), { recursive: true });
    const database = await createPostgresDatabase();
    atEnd(database.remove);
    const files = [textFile(team, "team.yaml")];
    const { etag } = await server.admin.config.apply({ source: "team-a", files });
    const { apiKey } = await server.admin.keys.create({ identity: "service:old" });
    return {
      shell,
      edits: [
        ...stage.edits,
        ["postgres://localhost/fleetgate", database.choice.url],
        [/(?<=group update .*)3q2-7w/g, etagOfGroup("contractors")],
        ["3q2-7w", etag],
        [/revert 2\b/g, `revert ${mistake}`],
        [/config export --at-revision 2\b/g, `config export --at-revision ${mistake}`],
        [/(log show|--at-revision) 2\b/g, `$1 ${created}`],
        ["AQ3f0c", revisionToken],
        ["127.0.0.1:8081", new URL(server.url).host],
        // An id may begin with "-"; the command then wants "--" before it, which no page can know.
        [/revoke Jx2vQ0r8sT1uVw3Y .*/g, `revoke --reason "leaked" -- ${apiKey?.id ?? ""}`],
        [/key create --bootstrap/g, `key create --bootstrap --embedded .fleetgate/db`],
      ],
    };
  },
  notRun: [
    [
      /^(token=\$\()?fleetgate (bot|session|task|claim|runner|identify|url|credential|gate) /,
      "test/docs/credentials.test.ts, test/cli/credential/, test/cli/{runner,claim,gate}/",
    ],
  ],
  afterwards: [
    // Two commands write the same file, for two readers.
    [/^fleetgate key create --bootstrap --identity/, () => rmSync(join(shell.folder, "admin.header"))],
  ],
});
