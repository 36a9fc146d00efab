import assert from "node:assert/strict";
import http from "node:http";
import http2 from "node:http2";
import { after, before, beforeEach, describe, it } from "node:test";
import { create, toBinary, toJsonString, type MessageInitShape } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { maxMembersOfMessage } from "../../../src/commands/group/imported-groups.ts";
import type { ImportGroupsInput } from "../../../src/commands/group/import-groups.ts";
import {
  GroupService,
  ImportGroupsRequestSchema,
  type ImportGroupsResponse,
} from "../../../src/gen/fleetgate/admin/v1/group_service_pb.ts";
import { ErrorInfoSchema } from "../../../src/gen/google/rpc/error_details_pb.ts";
import { maxImports } from "../../../src/rpc/admin/import-groups.ts";
import { withUnknownField } from "../support/binary.ts";
import { ask, bearer, openBench, type Bench } from "../support/bench.ts";
import { envelope, exchangeHttp1, exchangeHttp2 } from "../support/exchange.ts";
import { createState, group, keys, usual } from "../support/world.ts";
import type { Wire } from "../support/wires.ts";

type Message = MessageInitShape<typeof ImportGroupsRequestSchema>;

const { importGroups } = GroupService.method;
const path = "/fleetgate.admin.v1.GroupService/ImportGroups";
const root = bearer(keys.root.token);
const revisionToken = createState().revisionToken;

const options = (more: object = {}): Message => ({
  part: { case: "options", value: { prefix: "ldap", ...more } },
});
const some = (name: string, ...members: readonly string[]): Message => ({
  part: { case: "group", value: { name, members: [...members] } },
});

const end = (messages: number): Message => ({
  part: { case: "end", value: { messages: BigInt(messages) } },
});

function bytesOf(message: Message): Uint8Array {
  return toBinary(ImportGroupsRequestSchema, create(ImportGroupsRequestSchema, message));
}

/** What a stream came to. */
interface Reply {
  readonly code: string;
  readonly reason: string;
  readonly field: string;
  readonly response: ImportGroupsResponse | undefined;
}

async function send(
  { transport }: Wire,
  messages: AsyncIterable<Message> | readonly Message[],
  headers: Readonly<Record<string, string>> = root,
): Promise<Reply> {
  const input = Symbol.asyncIterator in messages ? messages : each(messages);
  try {
    const answer = await transport.stream(importGroups, undefined, undefined, headers, input);
    let response: ImportGroupsResponse | undefined;
    for await (const message of answer.message) response = message;
    return { code: "ok", reason: "", field: "", response };
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    const info = error.findDetails(ErrorInfoSchema)[0];
    return {
      code: codeToString(error.code),
      reason: info?.reason ?? "",
      field: info?.metadata["field"] ?? info?.metadata["limit"] ?? "",
      response: undefined,
    };
  }
}

// oxlint-disable-next-line typescript/require-await -- a transport wants an asynchronous iterable
async function* each(messages: readonly Message[]): AsyncGenerator<Message> {
  yield* messages;
}

describe("the stream of ImportGroups", () => {
  let bench: Bench;
  const asked: ImportGroupsInput[] = [];
  let importing: Promise<unknown> = Promise.resolve();
  let onImport = (): void => {};
  before(async () => {
    bench = await openBench({
      operations: {
        importGroups: async (deps, _author, input) => {
          onImport();
          // As the real one does when it has waited for its turn to write.
          await importing;
          deps.admit?.(bench.replica.state ?? assert.fail());
          asked.push(input);
          return {
            groupsCreated: input.groups.size,
            groupsUpdated: 0,
            groupsDeleted: 0,
            groupsEmptied: ["ldap/x"],
            membersAdded: 3,
            membersRemoved: 4,
            revisionToken,
            effects: undefined,
          };
        },
      },
    });
  });
  after(() => bench.close());
  beforeEach(() => {
    bench.replica.state = createState();
    asked.length = 0;
  });

  const onEveryWire = async (run: (wire: Wire) => Promise<void>): Promise<void> => {
    for (const wire of bench.wires) await run(wire);
  };

  it("arrives over every wire, message by message", async () => {
    await onEveryWire(async (wire) => {
      asked.length = 0;
      const guards = { maxLost: 5, allowLockOut: true };
      const reply = await send(wire, [
        options({ reason: "why", validateOnly: true, guards }),
        some("ldap/b", "user:b@example.com"),
        some("ldap/a"),
        some("ldap/b", "bot:b"),
        end(3),
      ]);
      assert.equal(reply.code, "ok", wire.name);
      assert.equal(reply.response?.revisionToken, revisionToken);
      assert.deepEqual(
        [reply.response.groupsCreated, reply.response.groupsEmptied],
        [2, ["ldap/x"]],
      );
      const [input] = asked;
      assert.deepEqual(
        input && { ...input, groups: [...input.groups].map(([name, it]) => [name, ...it.keys()]) },
        {
          prefix: "ldap",
          reason: "why",
          requestId: "",
          validateOnly: true,
          guards: { maxGained: undefined, maxLost: 5, allowLockOut: true },
          groups: [["ldap/a"], ["ldap/b", "bot:b", "user:b@example.com"]],
        },
      );
    });
  });

  it("begins with the options, and has them once", async () => {
    await onEveryWire(async (wire) => {
      for (const messages of [[], [some("ldap/a")], [options(), some("ldap/a"), options()], [{}]]) {
        const reply = await send(wire, messages);
        assert.deepEqual(
          [reply.code, reply.reason, reply.field],
          ["invalid_argument", "INVALID_FIELD", "options"],
          wire.name,
        );
      }
      const neither = await send(wire, [options(), {}]);
      assert.deepEqual([neither.reason, neither.field], ["INVALID_FIELD", "part"], wire.name);
    });
    assert.deepEqual(asked, []);
  });

  it("ends with what was sent: without that it counts as cut off", async () => {
    await onEveryWire(async (wire) => {
      for (const [messages, field] of [
        [[options()], "end"],
        [[options(), some("ldap/a")], "end"],
        [[options(), some("ldap/a"), end(2)], "end.messages"],
        [[options(), some("ldap/a"), end(0)], "end.messages"],
        [[options(), end(0), some("ldap/a")], "end"],
        [[options(), end(0), end(0)], "end"],
      ] as const) {
        const reply = await send(wire, messages);
        assert.deepEqual([reply.reason, reply.field], ["INVALID_FIELD", field], wire.name);
      }
    });
    assert.deepEqual(asked, []);
  });

  it("is refused at the first message that is wrong, whatever would follow", async () => {
    await onEveryWire(async (wire) => {
      let sent = 0;
      async function* endless(): AsyncGenerator<Message> {
        yield options();
        yield some("ldap/a", "nobody");
        // More than any buffer between the two takes, so that the end of the stream must come from the server.
        for (; sent < 100_000; sent += 1)
          yield await Promise.resolve(some("ldap/a", "x".repeat(4096)));
      }
      const reply = await send(wire, endless());
      assert.deepEqual(
        [reply.code, reply.field],
        ["invalid_argument", "group.members[0]"],
        wire.name,
      );
      assert.ok(sent < 100_000, wire.name);
    });
    assert.deepEqual(asked, []);
  });

  it("is refused when a message is too large", async () => {
    const [wire] = bench.wires;
    assert.ok(wire);
    const members = Array<string>(maxMembersOfMessage + 1).fill("bot:a");
    const large = await send(wire, [options(), some("ldap/a", ...members)]);
    assert.deepEqual([large.reason, large.field], ["INVALID_FIELD", "group.members"]);
  });

  it("with a field that the server does not know is refused, in any message", async () => {
    const first = bytesOf(options());
    const second = bytesOf(some("ldap/a"));
    const json = (message: Message, more = ""): Uint8Array =>
      Buffer.from(
        toJsonString(ImportGroupsRequestSchema, create(ImportGroupsRequestSchema, message)).replace(
          /^{/,
          `{${more}`,
        ),
      );
    const bodies = [
      ["application/grpc", [withUnknownField(first), second]],
      ["application/grpc", [first, withUnknownField(second)]],
      ["application/connect+proto", [first, withUnknownField(second)]],
      ["application/connect+json", [json(options()), json(some("ldap/a"), '"strange":1,')]],
      ["application/grpc+json", [json(options(), '"strange":1,'), json(some("ldap/a"))]],
    ] as const;
    for (const [contentType, messages] of bodies) {
      const headers = { ...root, "content-type": contentType, te: "trailers" };
      const body = Buffer.concat(messages.map((message) => envelope(message)));
      const reply = await exchangeHttp2(bench.session, { path, headers, body });
      const text = decodeURIComponent(JSON.stringify(reply) + reply.body.toString());
      assert.match(text, /ImportGroupsRequest/, contentType);
      assert.doesNotMatch(text, /strange/, contentType);
      assert.equal(bench.records.at(-1)?.reason, "UNKNOWN_FIELD", contentType);
    }
    assert.deepEqual(asked, []);
  });

  it("is for importers: others are refused before a message is read", async () => {
    await onEveryWire(async (wire) => {
      async function* never(): AsyncGenerator<Message> {
        await new Promise(() => undefined);
        yield options();
      }
      const reply = await send(wire, never(), bearer(keys.ann.token));
      assert.deepEqual(
        [reply.code, reply.reason],
        ["permission_denied", "GROUP_REQUIRED"],
        wire.name,
      );
      const stranger = await send(wire, never(), {});
      assert.deepEqual(
        [stranger.code, stranger.reason],
        ["unauthenticated", "CREDENTIAL_REQUIRED"],
      );
    });
  });

  it("is for who still may import when it ends", async () => {
    const [wire] = bench.wires;
    assert.ok(wire);
    async function* slow(): AsyncGenerator<Message> {
      yield options();
      yield some("ldap/a");
      await new Promise((resolve) => setImmediate(resolve));
      const importers = group("group-importers", ["user:ann@example.com"]);
      bench.replica.state = createState({ ...usual, groups: [...usual.groups, importers] }, 8n);
      yield end(1);
    }
    assert.equal((await send(wire, slow())).reason, "GROUP_REQUIRED");
    assert.deepEqual(asked, []);
    assert.equal((await send(wire, [options(), end(0)], bearer(keys.ann.token))).code, "ok");
  });

  it("that is cut off changes nothing", async () => {
    const message = envelope(bytesOf(options()));
    const ended = async (): Promise<void> => {
      for (const count = bench.records.length; bench.records.length === count;) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    // Over HTTP/2: the connection ends between two messages, and in the middle of one.
    const torn = Buffer.concat([message, message.subarray(0, 3)]);
    for (const body of [message, message.subarray(0, 7), torn]) {
      const session = http2.connect(bench.servers.http2);
      const headers = { ...root, "content-type": "application/grpc", te: "trailers" };
      const stream = session.request({ ":method": "POST", ":path": path, ...headers });
      stream.on("error", () => undefined);
      const over = ended();
      await new Promise((resolve) => stream.write(body, resolve));
      session.destroy();
      await over;
    }
    // Over HTTP/1.1: the connection ends before the last chunk.
    const { hostname, port } = new URL(bench.servers.http1);
    const request = http.request({
      hostname,
      port,
      path,
      method: "POST",
      headers: { ...root, "content-type": "application/connect+proto" },
      agent: false,
    });
    request.on("error", () => undefined);
    const over = ended();
    await new Promise((resolve) => request.write(message, resolve));
    const closed = new Promise((resolve) => request.once("close", resolve));
    request.destroy();
    await closed;
    await over;
    // Ended properly, but within a message.
    for (const exchange of [
      exchangeHttp2(bench.session, {
        path,
        headers: { ...root, "content-type": "application/grpc", te: "trailers" },
        body: message.subarray(0, 9),
      }),
      exchangeHttp1(bench.servers.http1, {
        path,
        headers: { ...root, "content-type": "application/connect+json" },
        body: Buffer.concat([message, message.subarray(0, 3)]),
      }),
    ]) {
      await exchange;
      assert.notEqual(bench.records.at(-1)?.code, "ok");
    }
    assert.deepEqual(asked, []);
  });

  it("of a client that fails half-way changes nothing, although its stream ends properly", async () => {
    await onEveryWire(async (wire) => {
      for (const last of [[], [end(1)]]) {
        const held = Promise.withResolvers<undefined>();
        importing = held.promise;
        async function* failing(): AsyncGenerator<Message> {
          yield options();
          yield await Promise.resolve(some("ldap/a"));
          yield* last;
          throw new Error("the file cannot be read on");
        }
        const count = bench.records.length;
        assert.notEqual((await send(wire, failing())).code, "ok");
        // Frames of one connection arrive in their order: the reset has come when this is answered.
        await ask(wire.transport, GroupService.method.listGroups, {}, root);
        held.resolve(undefined);
        while (bench.records.length < count + 2)
          await new Promise((resolve) => setImmediate(resolve));
      }
    });
    assert.deepEqual(asked, []);
    assert.ok(
      bench.records
        .slice(-24)
        .every(({ method, code }) => code !== "ok" || method !== path.slice(1)),
    );
    importing = Promise.resolve();
  });

  it("is taken in by a server only a few at a time", async () => {
    const [wire] = bench.wires;
    assert.ok(wire);
    const held = Promise.withResolvers<undefined>();
    importing = held.promise;
    const running: Promise<Reply>[] = [];
    for (let index = 0; index < maxImports; index += 1) {
      const begun = new Promise((resolve) => (onImport = () => resolve(undefined)));
      running.push(send(wire, [options(), end(0)]));
      await begun;
    }
    const late = await send(wire, [options()]);
    assert.deepEqual([late.reason, late.field], ["LIMIT_EXCEEDED", "imports"]);
    held.resolve(undefined);
    for (const reply of await Promise.all(running)) assert.equal(reply.code, "ok");
    assert.equal((await send(wire, [options(), end(0)])).code, "ok");
  });
});
