import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { createFleetgate } from "../../src/client/node/index.ts";
import { createPostgresDatabase } from "../support/database.ts";
import { atEnd, makeFolder } from "./support/cleanup.ts";
import { openClients, textFile, type Clients } from "./support/clients.ts";
import { eventually } from "./support/eventually.ts";
import { told } from "./support/failures.ts";
import { fleetgate, run, start, type Running } from "./support/processes.ts";
import { unpackPreviousRelease } from "./support/previous-release.ts";
import { cliFile } from "../support/cli-file.ts";

const previous = unpackPreviousRelease();
const current = cliFile;
const why = "the history of the repository is not at hand";

const ann = "user:ann@example.com";
const fleet = `
settings: { delegations: [{ group: administrators }] }
projects:
  - name: app
    realms:
      - name: tests
        bindings: [{ role: role/swarming.poolUser, principals: ["group:builders", "${ann}"] }]
pools: [{ name: linux, realm: app:tests }]
groups: [{ name: builders }]
`;

interface Serving {
  readonly running: Running;
  readonly url: string;
  readonly clients: Clients;
}

describe("an upgrade", { skip: previous === undefined ? why : false }, () => {
  let url: string;
  let token: string;

  async function serve(main: string, listen = "127.0.0.1:0"): Promise<Serving> {
    const args = [main, "serve", "--listen", listen, "--metrics-listen", "off"];
    const running = start(process.execPath, args, { DATABASE_URL: url });
    const said = await running.says(/listens on (http\S+)\n/);
    return { running, url: said[1] ?? "", clients: openAs(said[1] ?? "", token) };
  }

  const mayUse = (caller: string) => ({
    caller,
    permission: "swarming.pools.createTask",
    pool: "linux",
  });

  function openAs(server: string, bearer: string): Clients {
    const clients = openClients(server, bearer);
    atEnd(clients.close);
    return clients;
  }

  /** Waits until a check on a server comes to this. */
  async function comesTo(server: Serving, caller: string, expected: string): Promise<void> {
    await eventually(`${caller} is ${expected}`, async () => {
      const asked = server.clients.acl.checkPoolPerm(mayUse(caller));
      const what = await asked.then(
        () => "permitted",
        () => "denied",
      );
      return what === expected;
    });
  }

  before(async () => {
    const database = await createPostgresDatabase({ empty: true });
    atEnd(database.remove);
    url = database.choice.url;
    const env = { DATABASE_URL: url };
    // The database begins as the previous release makes it, with changes in it.
    const migrated = await run(process.execPath, [previous ?? "", "migrate"], env);
    assert.equal(migrated.code, 0, migrated.stderr);
    const header = join(makeFolder(), "admin.header");
    const key = ["key", "create", "--bootstrap", "--identity", "user:root@example.com"];
    const made = await run(process.execPath, [previous ?? "", ...key, "--out", header], env);
    assert.equal(made.code, 0, made.stderr);
    token = /Bearer (\S+)/.exec(readFileSync(header, "utf8"))?.[1] ?? "";
  });

  it("runs the previous release on the new schema beside this one, and each follows the other", async () => {
    const old = await serve(previous ?? "");
    await old.clients.config.apply({ files: [textFile(fleet)] });
    await old.clients.acl.checkPoolPerm(mayUse(ann));
    const migrated = await fleetgate(["migrate"], { DATABASE_URL: url });
    assert.equal(migrated.code, 0, migrated.stderr);
    const now = await serve(current);
    await now.clients.acl.checkPoolPerm(mayUse(ann));

    // What this release writes, in its form of change items and with what the previous one does not know.
    const bob = "user:bob@example.com";
    await now.clients.groups.createGroup({ group: { name: "people", members: [bob] } });
    const extended = fleet
      .replace("settings: {", "settings: { reason_required: true,")
      .replace('"group:builders"', '"group:builders", "group:people"');
    await now.clients.config.apply({ files: [textFile(extended)], reason: "more people" });
    await comesTo(old, bob, "permitted");
    await now.clients.groups.removeMembers({ group: "people", members: [bob], reason: "left" });
    await comesTo(old, bob, "denied");

    // What the previous release writes meanwhile.
    const { group } = await now.clients.groups.getGroup({ name: "builders" });
    const eve = "user:eve@example.com";
    const changed = extended.replace(
      "{ name: builders }",
      `{ name: builders, members: ["${eve}"] }`,
    );
    const files = [textFile(changed.replace("reason_required: true,", ""))];
    await old.clients.config.apply({ files });
    await comesTo(now, eve, "permitted");
    const { group: after } = await now.clients.groups.getGroup({ name: "builders" });
    assert.notEqual(after?.etag, group?.etag);
    // The previous release knows nothing of groups that are taken over: it follows, and applies over them.
    const reason = "the repository is down";
    const duration = { seconds: 3600n };
    await now.clients.groups.takeOverGroup({ name: "builders", reason, duration });
    await now.clients.groups.addMembers({ group: "builders", members: [bob], reason });
    await comesTo(old, bob, "permitted");
    const without = changed
      .replace(/^groups: .*$/m, "groups: []")
      .replace('"group:builders", ', "");
    const fewer = textFile(without.replace("reason_required: true,", ""));
    await old.clients.config.apply({ files: [fewer] });
    await comesTo(now, bob, "denied");
    await old.clients.config.apply({ files });
    await comesTo(now, eve, "permitted");
    const { group: again } = await now.clients.groups.getGroup({ name: "builders" });
    assert.deepEqual([again?.managedBy, again?.takeOver], ["main", undefined]);
    const created = await old.clients.keys.create({ identity: ann });
    const { acl } = openAs(now.url, created.token);
    await eventually("a key of the previous release counts", async () => {
      const asked = acl.checkPoolPerm({ ...mayUse(""), caller: "" });
      return asked.then(
        () => true,
        (error: unknown) => assert.match(told(error).what, /CREDENTIAL_REQUIRED/),
      );
    });
    const verified = await now.clients.changes.verifyChanges({});
    assert.deepEqual(verified.faults, []);
    old.running.signal("SIGTERM");
    now.running.signal("SIGTERM");
    assert.equal((await old.running.end()).code, 0);
    assert.equal((await now.running.end()).code, 0);
  });

  it("restarts replicas one after another under load without a failed check", async () => {
    const replicas = [await serve(previous ?? ""), await serve(previous ?? "")];
    const fleetgateClient = createFleetgate({
      endpoints: replicas.map((replica) => replica.url),
      key: () => token,
    });
    atEnd(() => fleetgateClient.close());
    let checks = 0;
    const stop = new AbortController();
    const checking = (async () => {
      for (; !stop.signal.aborted; checks += 1)
        await fleetgateClient.acl.checkPoolPerm(mayUse(ann));
    })();
    checking.catch(() => undefined);
    for (const [index, replica] of replicas.entries()) {
      replica.running.signal("SIGTERM");
      assert.equal((await replica.running.end()).code, 0);
      replicas[index] = await serve(current, new URL(replica.url).host);
      const before = checks;
      await eventually("checks go on", () => checks > before + 50);
    }
    stop.abort();
    await checking;
    for (const { running } of replicas) {
      running.signal("SIGTERM");
      assert.equal((await running.end()).code, 0);
    }
  });
});
