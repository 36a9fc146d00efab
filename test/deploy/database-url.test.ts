import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { eventually } from "../e2e/support/eventually.ts";
import { fleetgate, root } from "../e2e/support/processes.ts";
import { startPostgres, type PostgresServer } from "../support/postgres-server.ts";
import { offerTls, query, withUrl } from "./support.ts";

const tls = join(root, "test", "server", "support", "tls");
const read = (name: string): string => readFileSync(join(tls, name), "utf8");

describe("sslmode=verify-full in DATABASE_URL", () => {
  let server: PostgresServer;
  let url: string;
  before(async () => {
    server = await startPostgres();
    await query(server.url, "create database fleet");
    url = withUrl(server.url, { database: "fleet" });
    await offerTls(server.url, read("cert.pem"), read("key.pem"));
    // A reload takes a moment.
    await eventually("Postgres offers TLS", async () => {
      const { rows } = await query(server.url, "show ssl");
      return (rows as { ssl: string }[])[0]?.ssl === "on";
    });
  });
  after(() => server.remove());

  it("is held: with the right authority it is TLS", async () => {
    const full = `${url}?sslmode=verify-full&sslrootcert=${join(tls, "cert.pem")}`;
    const migrated = await fleetgate(["migrate"], { DATABASE_URL: full });
    assert.equal(migrated.code, 0, migrated.stderr);
    const { rows } = await query(full, "select ssl from pg_stat_ssl where pid = pg_backend_pid()");
    assert.deepEqual(rows, [{ ssl: true }]);
  });

  it("refuses a server that another authority vouches for, or nobody", async () => {
    const { code, stderr } = await fleetgate(["migrate"], {
      DATABASE_URL: `${url}?sslmode=verify-full`,
    });
    assert.equal(code, 4);
    assert.match(stderr, /does not answer: self-signed certificate/);
  });
});
