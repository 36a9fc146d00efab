import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { before, describe, it } from "node:test";
import { createFleetgate, type Fleetgate } from "../../src/client/node/index.ts";
import { ListenError } from "../../src/server/listen.ts";
import { atEnd } from "./support/cleanup.ts";
import { textFile } from "./support/clients.ts";
import { openApp, startServer, type TestServer } from "./support/server.ts";
import { fleetOf, questionOf, serveProcess, type Serving } from "./support/serving.ts";

const connections = 'fleetgate_open_connections{protocol="http2"}';

/** A port of loopback that was free a moment ago. */
async function findPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe("two processes that share a port", () => {
  let prepared: TestServer;
  let address: string;
  let processes: readonly [Serving, Serving];

  before(async () => {
    prepared = await startServer();
    await prepared.admin.config.apply({
      source: "main",
      files: [textFile(fleetOf("mine"), "fleet.yaml")],
    });
    address = `127.0.0.1:${await findPort()}`;
    const serve = (): Promise<Serving> =>
      serveProcess(prepared.databaseUrl, prepared.token, "--listen", address, "--reuse-port");
    processes = await Promise.all([serve(), serve()]);
  });

  function openClient(): Fleetgate {
    const client = createFleetgate({
      endpoints: [`http://${address}`],
      key: () => prepared.token,
    });
    atEnd(() => client.close());
    return client;
  }

  it("say so, and have metrics and probes of their own", async () => {
    for (const { running, url, metricsUrl } of processes) {
      assert.equal(url, `http://${address}`);
      assert.match(running.output(), /\nother processes may share the port\n/);
      assert.match(running.output(), /"reuse_port":true/);
      assert.equal((await fetch(new URL("/readyz", metricsUrl))).status, 200);
    }
    assert.notEqual(processes[0].metricsUrl, processes[1].metricsUrl);
  });

  it("refuse a process that does not share it", async () => {
    await assert.rejects(
      openApp(prepared.databaseUrl, { listen: address }),
      (error) => error instanceof ListenError && /in use: stop the other/.test(error.message),
    );
  });

  it("both answer, and no check fails while one of them is stopped and its clients go to the other", async () => {
    const clients: Fleetgate[] = [];
    const open = (): Promise<readonly (number | undefined)[]> =>
      Promise.all(processes.map(({ metric }) => metric(connections)));
    // The system shares connections out by their addresses: how evenly is chance.
    let counts: readonly (number | undefined)[] = [];
    while (clients.length < 100 && !(counts.length > 0 && counts.every((count = 0) => count > 3))) {
      const client = openClient();
      await client.acl.checkPoolPerm(questionOf("mine"));
      clients.push(client);
      if (clients.length % 8 === 0) counts = await open();
    }
    assert.ok(
      counts.every((count = 0) => count > 3),
      `of ${clients.length}: ${counts.join()}`,
    );
    assert.equal(counts[0]! + counts[1]!, clients.length);

    const stopping = { done: false };
    let answered = 0;
    const keepAsking = async (client: Fleetgate): Promise<void> => {
      for (let more = 3; more > 0; more -= Number(stopping.done)) {
        await client.acl.checkPoolPerm(questionOf("mine"));
        answered += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    // Others come and go meanwhile, so that connections are made at every moment.
    const keepConnecting = async (): Promise<void> => {
      while (!stopping.done) {
        const client = openClient();
        await client.acl.checkPoolPerm(questionOf("mine"));
        await client.close();
      }
    };
    const asking = [...clients.map(keepAsking), keepConnecting()];
    const stop = processes[0].stop().finally(() => {
      stopping.done = true;
    });
    await Promise.all([stop, ...asking]);
    assert.ok(answered >= 3 * clients.length);
    assert.equal(await processes[1].metric(connections), clients.length);
  });
});
