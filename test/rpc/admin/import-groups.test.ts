import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, toJsonString } from "@bufbuild/protobuf";
import { maxMembersOfMessage } from "../../../src/commands/group/imported-groups.ts";
import { ImportGroupsRequestSchema } from "../../../src/gen/fleetgate/admin/v1/group_service_pb.ts";
import { withUnknownField } from "../support/binary.ts";
import { envelope, exchangeHttp2 } from "../support/exchange.ts";
import {
  bytesOf,
  end,
  importPath,
  options,
  revisionToken,
  root,
  send,
  some,
  useImportBench,
  type ImportMessage,
} from "../support/import-bench.ts";

describe("the stream of ImportGroups", () => {
  const imports = useImportBench();

  it("arrives over every wire, message by message", async () => {
    await imports().onEveryWire(async (wire) => {
      imports().asked.length = 0;
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
      const [input] = imports().asked;
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
    await imports().onEveryWire(async (wire) => {
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
    assert.deepEqual(imports().asked, []);
  });

  it("ends with what was sent: without that it counts as cut off", async () => {
    await imports().onEveryWire(async (wire) => {
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
    assert.deepEqual(imports().asked, []);
  });

  it("is refused at the first message that is wrong, whatever would follow", async () => {
    await imports().onEveryWire(async (wire) => {
      let sent = 0;
      async function* endless(): AsyncGenerator<ImportMessage> {
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
    assert.deepEqual(imports().asked, []);
  });

  it("is refused when a message is too large", async () => {
    const [wire] = imports().bench.wires;
    assert.ok(wire);
    const members = Array<string>(maxMembersOfMessage + 1).fill("bot:a");
    const large = await send(wire, [options(), some("ldap/a", ...members)]);
    assert.deepEqual([large.reason, large.field], ["INVALID_FIELD", "group.members"]);
  });

  it("with a field that the server does not know is refused, in any message", async () => {
    const first = bytesOf(options());
    const second = bytesOf(some("ldap/a"));
    const json = (message: ImportMessage, more = ""): Uint8Array =>
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
      const reply = await exchangeHttp2(imports().bench.session, {
        path: importPath,
        headers,
        body,
      });
      const text = decodeURIComponent(JSON.stringify(reply) + reply.body.toString());
      assert.match(text, /ImportGroupsRequest/, contentType);
      assert.doesNotMatch(text, /strange/, contentType);
      assert.equal(imports().bench.records.at(-1)?.reason, "UNKNOWN_FIELD", contentType);
    }
    assert.deepEqual(imports().asked, []);
  });
});
