import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { Code, ConnectError, createClient, type Client } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "../../src/gen/grpc/health/v1/health_pb.ts";
import type { WatcherLimits } from "../../src/server/health-watchers.ts";
import { createHealth } from "../../src/server/health.ts";
import { endAfter, servePublic } from "./support/serve-public.ts";

const timeout = 30_000;

async function setUp(t: TestContext, limits?: WatcherLimits) {
  const health = createHealth([AclService], limits);
  const baseUrl = await servePublic(t, [health.service]);
  /** A client with a connection of its own. */
  const connect = (): Client<typeof Health> => {
    const sessionManager = new Http2SessionManager(baseUrl);
    endAfter(t, sessionManager);
    return createClient(Health, createGrpcTransport({ baseUrl, sessionManager }));
  };
  return { health, connect, client: connect() };
}

async function watch(client: Client<typeof Health>, service: string) {
  const abort = new AbortController();
  const stream = client.watch({ service }, { signal: abort.signal })[Symbol.asyncIterator]();
  const next = async () => {
    const result = await stream.next();
    return result.done === true ? undefined : result.value.status;
  };
  return { first: await next(), next, stop: () => abort.abort() };
}

describe("health Check", { timeout }, () => {
  it("serves once told so, for the process and each service", async (t) => {
    const { health, client } = await setUp(t);
    for (const service of ["", AclService.typeName]) {
      health.setServing(false);
      assert.equal((await client.check({ service })).status, Status.NOT_SERVING);
      health.setServing(true);
      assert.equal((await client.check({ service })).status, Status.SERVING);
    }
  });

  it("answers NOT_FOUND for a service that there is not", async (t) => {
    const { client } = await setUp(t);
    await assert.rejects(
      client.check({ service: "no.Service" }),
      (error) => ConnectError.from(error).code === Code.NotFound,
    );
  });
});

describe("health List", { timeout }, () => {
  it("gives all states", async (t) => {
    const { health, client } = await setUp(t);
    health.setServing(true);
    const { statuses } = await client.list({});
    assert.deepEqual(
      Object.entries(statuses).map(([name, { status }]) => [name, status]),
      [
        ["", Status.SERVING],
        [AclService.typeName, Status.SERVING],
      ],
    );
  });
});

describe("health Watch", { timeout }, () => {
  it("tells the state at once and every change", async (t) => {
    const { health, client } = await setUp(t);
    const { first, next, stop } = await watch(client, "");
    assert.equal(first, Status.NOT_SERVING);
    health.setServing(true);
    assert.equal(await next(), Status.SERVING);
    health.setServing(true);
    health.setServing(false);
    assert.equal(await next(), Status.NOT_SERVING);
    stop();
  });

  it("tells SERVICE_UNKNOWN and stays open for a service that there is not", async (t) => {
    const { health, client } = await setUp(t);
    const { first, next } = await watch(client, "no.Service");
    assert.equal(first, Status.SERVICE_UNKNOWN);
    health.setServing(true);
    health.close();
    assert.equal(await next(), undefined);
  });

  it("tells the last state and ends when health is closed", async (t) => {
    const { health, client } = await setUp(t);
    health.setServing(true);
    const { next } = await watch(client, AclService.typeName);
    health.setServing(false);
    health.close();
    assert.equal(await next(), Status.NOT_SERVING);
    assert.equal(await next(), undefined);
    const late = await watch(client, "");
    assert.equal(late.first, Status.NOT_SERVING);
    assert.equal(await late.next(), undefined);
  });

  it("refuses more watchers through one connection than it has room for, and lets others watch", async (t) => {
    const { client, connect } = await setUp(t, { inOneConnection: 2, inAll: 100 });
    const first = await watch(client, "");
    await watch(client, "");
    await assert.rejects(watch(client, ""), exhausted);
    assert.equal((await watch(connect(), "")).first, Status.NOT_SERVING);
    first.stop();
    await watchOnceFree(client);
  });

  it("refuses more watchers in all than it has room for, and has room again when one ends", async (t) => {
    const { connect } = await setUp(t, { inOneConnection: 1, inAll: 2 });
    const first = await watch(connect(), "");
    await watch(connect(), "");
    const third = connect();
    await assert.rejects(watch(third, ""), exhausted);
    first.stop();
    await watchOnceFree(third);
  });
});

const exhausted = (error: unknown): boolean =>
  ConnectError.from(error).code === Code.ResourceExhausted;

/** Watches as soon as the server has heard that another stream is over. */
async function watchOnceFree(client: Client<typeof Health>): Promise<void> {
  for (;;) {
    try {
      assert.equal((await watch(client, "")).first, Status.NOT_SERVING);
      return;
    } catch (error) {
      if (!exhausted(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
