import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { createFleetgate, acl, reasonOf, type Fleetgate } from "../../../src/client/node/index.ts";
import { DomainError, type Reason } from "../../../src/domain/errors.ts";
import { toConnectError } from "../../../src/rpc/errors.ts";
import { openBench } from "../../rpc/support/bench.ts";
import { keys } from "../../rpc/support/world.ts";
import { fail, startFake, type FakeServer } from "../support/fake-server.ts";

const clients: Fleetgate[] = [];
after(async () => {
  for (const client of clients) await client.close();
});

async function open(carryRevision = false): Promise<{ server: FakeServer; client: Fleetgate }> {
  const server = await startFake();
  const client = createFleetgate({ endpoints: [server.url], carryRevision });
  clients.push(client);
  return { server, client };
}

/** What the last check asked for. */
function asked(server: FakeServer): string | undefined {
  const requirement = server.requests.at(-1)?.consistency?.requirement;
  return requirement?.case === "atLeastAsFresh" ? requirement.value : requirement?.case;
}

describe("a session", () => {
  it("sends the token of the last answer with the next request", async () => {
    const { server, client } = await open();
    const session = client.session();
    server.script = () => "one";
    await session.acl.checkServerPerm({});
    assert.equal(asked(server), undefined);
    server.script = () => "two";
    await session.acl.checkServerPerm({});
    assert.equal(asked(server), "one");
    await session.acl.checkServerPerm({});
    assert.equal(asked(server), "two");
  });

  it("is its own: neither the client nor another session knows its token, unless carryRevision is set", async () => {
    const { server, client } = await open();
    await client.session().acl.checkServerPerm({});
    await client.session().acl.checkServerPerm({});
    await client.acl.checkServerPerm({});
    assert.equal(asked(server), undefined);
    const carrying = await open(true);
    await carrying.client.acl.checkServerPerm({});
    await carrying.client.acl.checkServerPerm({});
    assert.equal(asked(carrying.server), "token");
  });

  it("leaves a request alone that says how fresh the answer must be, and never changes the caller's message", async () => {
    const { server, client } = await open(true);
    await client.acl.checkServerPerm({});
    const requirement = { case: "minimizeLatency", value: true } as const;
    await client.acl.checkServerPerm({ consistency: { requirement } });
    assert.equal(asked(server), "minimizeLatency");
    const message = create(acl.CheckServerPermRequestSchema, { permission: "p" });
    await client.acl.checkServerPerm(message);
    assert.equal(asked(server), "token");
    assert.equal(message.consistency, undefined);
  });

  it("reads what it wrote: the token of a write takes the place of any", async () => {
    const { server, client } = await open(true);
    await client.acl.checkServerPerm({});
    server.script = () => "written";
    await client.config.apply({});
    await client.acl.checkServerPerm({});
    assert.equal(asked(server), "written");
  });

  it("keeps the token of a write against a read that was sent before it and is answered after it", async () => {
    const { server, client } = await open(true);
    await client.acl.checkServerPerm({});
    const old = Promise.withResolvers<string>();
    const arrived = Promise.withResolvers<void>();
    server.script = () => {
      arrived.resolve();
      return old.promise;
    };
    const read = client.acl.checkServerPerm({});
    await arrived.promise;
    server.script = () => "written";
    await client.config.apply({});
    old.resolve("old");
    await read;
    await client.acl.checkServerPerm({});
    assert.equal(asked(server), "written");
  });

  it("learns nothing from a read that may be older than what it knows", async () => {
    const { server, client } = await open(true);
    server.script = () => "known";
    await client.acl.checkServerPerm({});
    server.script = () => "maybe older";
    const requirement = { case: "minimizeLatency", value: true } as const;
    await client.acl.checkServerPerm({ consistency: { requirement } });
    await client.config.get({});
    await client.acl.checkServerPerm({});
    assert.equal(asked(server), "known");
  });

  it("forgets a token of another database, and asks once without it", async () => {
    const { server, client } = await open(true);
    await client.acl.checkServerPerm({});
    server.script = (request) =>
      request.consistency === undefined ? "new database" : fail("REVISION_TOKEN_FOREIGN");
    assert.equal((await client.acl.checkServerPerm({})).revisionToken, "new database");
    assert.equal(server.calls.length, 3);
    server.script = () => "token";
    await client.acl.checkServerPerm({});
    assert.equal(asked(server), "new database");
  });

  it("does not hide that a token of the caller's own is foreign", async () => {
    const { server, client } = await open(true);
    await client.acl.checkServerPerm({});
    server.script = () => fail("REVISION_TOKEN_FOREIGN");
    const requirement = { case: "atLeastAsFresh", value: "mine" } as const;
    const error: unknown = await client.acl
      .checkServerPerm({ consistency: { requirement } })
      .catch((thrown: unknown) => thrown);
    assert.equal(reasonOf(error), "REVISION_TOKEN_FOREIGN");
    assert.equal(server.calls.length, 2);
  });

  it("learns from a denial, which is an answer, and from no other error", async () => {
    const { server, client } = await open(true);
    const failWith = (reason: Reason, token: string) => () => {
      const error = toConnectError(new DomainError(reason, "no"));
      error.metadata.set("fleetgate-revision", token);
      throw error;
    };
    server.script = failWith("PERMISSION_DENIED", "denied");
    await assert.rejects(client.acl.checkServerPerm({}));
    server.script = failWith("INVALID_FIELD", "of an error");
    await assert.rejects(client.acl.checkServerPerm({}));
    assert.equal(asked(server), "denied");
    await assert.rejects(client.acl.checkServerPerm({}));
    assert.equal(asked(server), "denied");
  });

  it("is understood by a real server, in batches too", async () => {
    const bench = await openBench();
    const client = createFleetgate({ endpoints: [bench.servers.http2], key: () => keys.ann.token });
    const session = client.session();
    const check = { permission: "swarming.pools.createTask" };
    await assert.rejects(session.acl.checkPoolPerm({ ...check, pool: "secret" }));
    await session.acl.checkPoolPerm({ ...check, pool: "ci" });
    const request = { check: { case: "pool", value: { ...check, pool: "ci" } } } as const;
    assert.equal((await session.acl.batchCheck({ checks: [request] })).outcomes.length, 1);
    await client.close();
    await bench.close();
  });
});
