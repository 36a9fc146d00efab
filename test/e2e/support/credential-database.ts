import { randomBytes } from "node:crypto";
import { Client, type QueryResultRow } from "pg";
import { applyConfig } from "../../../src/commands/apply-config.ts";
import { bootstrapKey } from "../../../src/commands/bootstrap-key.ts";
import { createApiKey } from "../../../src/commands/create-api-key.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import { createReplica } from "../../../src/replica/replica.ts";
import { openStorage } from "../../../src/storage/database.ts";
import { createPostgresDatabase } from "../../support/database.ts";
import { atEnd } from "./cleanup.ts";

const admin = "user:root@example.com" as Identity;

/** Two hosts that may register tasks in both realms. */
const hosts = ["service:host-1", "service:host-2"] as const;

/** The two realms. */
export const realms = ["app:one", "app:two"] as const;

const config = `
projects:
  - name: app
    realms:
${realms
  .map(
    (realm) => `      - name: ${realm.slice("app:".length)}
        bindings: [{ role: role/fleetgate.executionHost, principals: ["${hosts.join('", "')}"] }]
`,
  )
  .join("")}`;

/** A database with two realms, and who may use it. */
export interface CredentialDatabase {
  readonly url: string;
  readonly adminKey: string;
  readonly hostKeys: readonly [string, string];
  /** The rows of a query. */
  readonly query: <Row extends QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ) => Promise<readonly Row[]>;
}

/** Makes one on the Postgres of the tests; it is gone after the tests of the file. */
export async function createCredentialDatabase(): Promise<CredentialDatabase> {
  const database = await createPostgresDatabase();
  atEnd(database.remove);
  const { url } = database.choice;
  const keys = await configure(url);
  const client = new Client({ connectionString: url });
  await client.connect();
  atEnd(() => client.end());
  return {
    ...keys,
    url,
    query: async <Row extends QueryResultRow>(text: string, values: readonly unknown[] = []) =>
      (await client.query<Row>(text, [...values])).rows,
  };
}

async function configure(url: string): Promise<Pick<CredentialDatabase, "adminKey" | "hostKeys">> {
  const storage = await openStorage({ kind: "postgres", url });
  const deps = { storage, clock: () => new Date(), randomBytes };
  const timing = { maxStalenessMs: 600_000, pollIntervalMs: 600_000 };
  const replica = createReplica(storage, { ...timing, now: () => performance.now() });
  const meta = { requestId: "", reason: "test" };
  const lifetime = { description: "", ttlSeconds: undefined, noExpiry: false };
  try {
    const { token } = await bootstrapKey(deps, {
      ...{ ...lifetime, identity: admin, breakGlass: false, reason: "" },
    });
    await replica.refresh();
    await applyConfig({ ...deps, replica }, admin, {
      ...{ ...meta, source: "main", etag: "", validateOnly: false },
      files: [{ path: "app.yaml", text: config }],
    });
    const keyOf = async (identity: string): Promise<string> => {
      const wanted = { ...lifetime, ...meta, identity: identity as Identity };
      return (await createApiKey({ ...deps, replica }, admin, wanted)).token;
    };
    return { adminKey: token, hostKeys: [await keyOf(hosts[0]), await keyOf(hosts[1])] };
  } finally {
    await replica.close();
    await storage.close();
  }
}
