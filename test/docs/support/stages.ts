import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { createPostgresDatabase } from "../../support/database.ts";
import { atEnd } from "../../e2e/support/cleanup.ts";
import { textFile } from "../../e2e/support/clients.ts";
import { root } from "../../e2e/support/processes.ts";
import { exampleFiles, startServer, writeHeaderFile, type TestServer } from "../../e2e/support/server.ts";
import type { Stage } from "./chapter.ts";
import { openShell, type Shell } from "./shell.ts";

/** The certificate of the tests, for 127.0.0.1 and localhost. */
export const tlsFolder = join(root, "test", "server", "support", "tls");

/** A stage with a server in this process that holds the example fleet, asked as its administrator. */
export async function openServed(
  files: readonly { readonly path: string; readonly text: string }[] = exampleFiles(),
): Promise<Stage & { readonly server: TestServer; readonly shell: Shell }> {
  const server = await startServer();
  await server.admin.config.apply({
    source: "main",
    files: files.map(({ path, text }) => textFile(text, path)),
  });
  const header = writeHeaderFile(server.token);
  const shell = openShell({
    FLEETGATE_ENDPOINT: server.url,
    FLEETGATE_HEADER_FILE: header,
    NODE_EXTRA_CA_CERTS: join(tlsFolder, "cert.pem"),
  });
  mkdirSync(join(shell.folder, ".fleetgate"));
  cpSync(header, join(shell.folder, ".fleetgate", "admin.header"));
  cpSync(header, join(shell.folder, "admin.header"));
  symlinkSync(join(root, "examples"), join(shell.folder, "examples"));
  return { server, shell, edits: [["127.0.0.1:8080", new URL(server.url).host]] };
}

/** The URL of an empty database on the Postgres of the tests. */
export async function emptyDatabase(): Promise<string> {
  const database = await createPostgresDatabase({ empty: true });
  atEnd(database.remove);
  return database.choice.url;
}
