import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe } from "node:test";
import { root } from "../e2e/support/processes.ts";
import { testChapter } from "./support/chapter.ts";
import { emptyDatabase, openServed, tlsFolder } from "./support/stages.ts";

describe("the commands of the pages", () => {
  testChapter({
    page: "README.md",
    open: () => openServed(),
    notRun: [[/^npm ci && npm start$/, "test/e2e/quick-start.test.ts"]],
  });

  testChapter({
    page: "docs/operations.md",
    open: async () => {
      const stage = await openServed();
      cpSync(join(tlsFolder, "cert.pem"), join(stage.shell.folder, "tls.crt"));
      cpSync(join(tlsFolder, "key.pem"), join(stage.shell.folder, "tls.key"));
      rmSync(join(stage.shell.folder, "admin.header"));
      const url = await emptyDatabase();
      // Behind the gate runs a command that finds it closed.
      const migration = [/psql --file rewrite\.sql/g, "fleetgate gate list"] as const;
      return { ...stage, edits: [...stage.edits, [/'postgres:\/\/\S+'/g, `'${url}'`], migration] };
    },
    notRun: [
      [/^(createdb|psql|pg_dump|pg_restore) /, "test/deploy/postgres-roles.test.ts, back-up.test.ts"],
      [/--tls-(self-signed|fingerprint)/, "test/cli/embedded.test.ts, test/cli/tls-fingerprint.test.ts"],
      [/^docker /, "wants a container engine; test/deploy/dockerfile.test.ts"],
    ],
  });

  testChapter({
    page: "docs/security.md",
    open: async () => {
      const stage = await openServed();
      const { code, output } = await stage.shell.run(
        "fleetgate key create --identity service:scheduler --out old.header",
      );
      const id = /^key (\S+)/.exec(output)?.[1] ?? `none: ${code} ${output}`;
      // An id may begin with "-"; the command then wants "--" before it, which no page can know.
      const revoke = `revoke --reason "leaked" -- ${id}`;
      return { ...stage, edits: [[/revoke LHxDr5r81XuZJiEy .*/g, revoke], ...stage.edits] };
    },
  });

  testChapter({
    page: "docs/policy-tests.md",
    open: async () => {
      const stage = await openServed();
      const { folder } = stage.shell;
      cpSync(join(root, "examples", "config"), join(folder, "fleet"), { recursive: true });
      mkdirSync(join(folder, "policies"));
      writeFileSync(
        join(folder, "policies", "assumed-groups.yaml"),
        "groups: [{ name: assumed, members: [user:ann@example.com] }]\n",
      );
      return stage;
    },
  });

  testChapter({
    page: "docs/clients.md",
    open: () => openServed(),
    notRun: [
      [
        /^(buf generate|protoc|python|PYTHONPATH|mkdir|javac|java) /,
        "test/examples/generate-clients.test.ts, run-clients.test.ts",
      ],
    ],
  });
});
