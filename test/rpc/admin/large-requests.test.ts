import assert from "node:assert/strict";
import http from "node:http";
import { after, before, describe, it } from "node:test";
import type { DescMethodUnary } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import {
  compressionGzip,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import type { Identity } from "../../../src/domain/identity.ts";
import { GroupService } from "../../../src/gen/fleetgate/admin/v1/group_service_pb.ts";
import { maxAclBytes } from "../../../src/rpc/router.ts";
import { ask, bearer, openBench, type Bench, type Reply } from "../support/bench.ts";
import { createState, group, keys, usual } from "../support/world.ts";

const { createGroup, updateGroup, addMembers, removeMembers } = GroupService.method;
const { revisionToken } = createState();

/** A little more than a peer without rights may send, so that who sends it is done when it is refused. */
const large = Array.from({ length: 2 }, () => "x".repeat(maxAclBytes / 2));

const requests: readonly (readonly [
  DescMethodUnary,
  (members: readonly string[]) => Record<string, unknown>,
])[] = [
  [createGroup, (members) => ({ group: { members } })],
  [updateGroup, (members) => ({ group: { members } })],
  [addMembers, (members) => ({ members })],
  [removeMembers, (members) => ({ members })],
];

interface Two {
  readonly baseUrl: string;
  readonly httpVersion: "2";
  readonly sessionManager: Http2SessionManager;
}

interface OpenWire {
  readonly transport: Transport;
  readonly close: () => void;
}

describe("large requests to change groups", () => {
  let bench: Bench;
  const asked: Identity[] = [];
  before(async () => {
    const note = (author: Identity): void => void asked.push(author);
    const changed = { count: 0, etag: "", revisionToken, effects: undefined };
    const view = { name: "g", description: "", owners: "g", globs: [], nested: [] };
    const written = {
      group: { ...view, memberCount: 0, managedBy: "", etag: "", takeOver: undefined },
      revisionToken,
      effects: undefined,
    };
    bench = await openBench({
      operations: {
        createGroup: async (_, author) => Promise.resolve(written).finally(() => note(author)),
        updateGroup: async (_, author) => Promise.resolve(written).finally(() => note(author)),
        addMembers: async (_, author) => Promise.resolve(changed).finally(() => note(author)),
        removeMembers: async (_, author) => Promise.resolve(changed).finally(() => note(author)),
      },
    });
  });
  after(() => bench.close());

  /** Each protocol, and requests that are packed. Each transport has connections of its own, for one request each. */
  const onEachWire = async (run: (name: string, open: () => OpenWire) => Promise<void>) => {
    const { http1, http2 } = bench.servers;
    const packed = { sendCompression: compressionGzip };
    const alone = { nodeOptions: { agent: new http.Agent({ keepAlive: false }) } };
    const one = { baseUrl: http1, httpVersion: "1.1", ...alone } as const;
    for (const [name, makeTransport] of Object.entries({
      gRPC: (two) => createGrpcTransport(two),
      "gRPC, packed": (two) => createGrpcTransport({ ...two, ...packed }),
      "gRPC-Web over HTTP/1.1": () => createGrpcWebTransport(one),
      "Connect over HTTP/2": (two) => createConnectTransport(two),
      "Connect in JSON, packed": () =>
        createConnectTransport({ ...one, ...packed, useBinaryFormat: false }),
    } satisfies Record<string, (two: Two) => Transport>)) {
      await run(name, () => {
        const sessionManager = new Http2SessionManager(http2);
        const transport = makeTransport({ baseUrl: http2, httpVersion: "2", sessionManager });
        return { transport, close: () => sessionManager.abort() };
      });
    }
  };

  // On connections of its own: one on which much is refused may be closed.
  const send = async (
    open: () => OpenWire,
    [method, request]: (typeof requests)[number],
    members: readonly string[],
    who = keys.ann,
  ): Promise<Reply> => {
    const { transport, close } = open();
    try {
      return await ask(transport, method, request(members), bearer(who.token));
    } finally {
      close();
    }
  };

  it("are refused before they are parsed when their sender may write no group, packed or not", async () => {
    bench.replica.state = createState();
    asked.length = 0;
    await onEachWire(async (name, open) => {
      for (const request of requests) {
        const where = `${name} ${request[0].name}`;
        const reply = await send(open, request, large);
        assert.deepEqual([reply.code, reply.reason], ["resource_exhausted", ""], where);
        assert.deepEqual(asked, [], where);
        assert.equal((await send(open, request, ["bot:a"])).code, "ok", where);
        assert.equal(asked.pop(), keys.ann.body.identity, where);
      }
    });
  });

  it("are taken from administrators, from creators, and from the owners of any group", async () => {
    const owned = { ...group("owned", []), owners: "owners" };
    const owners = { ...group("owners", []), nested: ["inner"] };
    const inner = group("inner", [keys.ann.body.identity]);
    const creators = group("group-creators", [keys.scheduler.body.identity]);
    const groups = [...usual.groups, owned, owners, inner, creators];
    bench.replica.state = createState({ ...usual, groups }, 8n);
    await onEachWire(async (name, open) => {
      for (const who of [keys.root, keys.ann, keys.scheduler]) {
        for (const request of requests) {
          const reply = await send(open, request, large, who);
          assert.equal(reply.code, "ok", `${name} ${request[0].name}: ${reply.message}`);
        }
      }
      const other = await send(open, requests[2] ?? assert.fail(), large, keys.narrow);
      assert.equal(other.code, "resource_exhausted", name);
    });
  });

  it("without a good credential are refused as ever", async () => {
    const [wire] = bench.wires;
    const reply = await ask(
      wire?.transport ?? assert.fail(),
      addMembers,
      { members: large },
      bearer("wrong"),
    );
    assert.deepEqual([reply.code, reply.reason], ["unauthenticated", "CREDENTIAL_REQUIRED"]);
  });
});
