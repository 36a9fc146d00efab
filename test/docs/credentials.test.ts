import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startApp } from "../../src/app.ts";
import { bootstrapKey } from "../../src/commands/bootstrap-key.ts";
import { readServerOptions } from "../../src/server/options.ts";
import { atEnd } from "../e2e/support/cleanup.ts";
import { root } from "../e2e/support/processes.ts";
import { testChapter } from "./support/chapter.ts";
import { openShell } from "./support/shell.ts";

testChapter({
  page: "docs/credentials.md",
  open: async () => {
    const home = openShell().folder;
    const embedded = join(home, ".fleetgate", "db");
    cpSync(process.env["FLEETGATE_TEST_EMBEDDED_TEMPLATE"] ?? "", embedded, { recursive: true });
    const flags = { embedded, listen: "127.0.0.1:0", metrics_listen: "off", log_level: "silent" };
    const app = await startApp(readServerOptions({ env: {}, flags }));
    atEnd(() => app.stop());
    const { token } = await bootstrapKey(app.commands, {
      ...{ identity: "user:ann@example.com", description: "", reason: "" },
      ...{ ttlSeconds: undefined, noExpiry: false, breakGlass: false },
    });
    await app.replica.refresh();
    const shell = openShell({ FLEETGATE_ENDPOINT: app.url });
    const header = join(shell.folder, "admin.header");
    writeFileSync(header, `Authorization: Bearer ${token}\n`, { mode: 0o600 });
    const text = readFileSync(join(root, "docs", "credentials.md"), "utf8");
    const fleet = /```yaml\n(# fleet\.yaml\n[^`]+)```/.exec(text)?.[1] ?? "";
    writeFileSync(join(shell.folder, "fleet.yaml"), fleet);
    return { shell, edits: [[/http:\/\/127\.0\.0\.1:8080/g, app.url]] };
  },
  notRun: [
    [
      /^fleetgate (migrate|key create --bootstrap|serve) /,
      "test/cli/embedded.test.ts; here a server in this process stands for them",
    ],
  ],
});
