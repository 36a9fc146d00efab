import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { importPatience, maxImports } from "../../../src/rpc/admin/import-groups.ts";
import { bearer } from "../support/bench.ts";
import {
  end,
  options,
  send,
  some,
  useImportBench,
  type ImportMessage,
  type ImportReply,
} from "../support/import-bench.ts";
import { createState, group, keys, usual } from "../support/world.ts";

describe("the stream of ImportGroups", () => {
  const imports = useImportBench();

  it("is for importers: others are refused before a message is read", async () => {
    await imports().onEveryWire(async (wire) => {
      async function* never(): AsyncGenerator<ImportMessage> {
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
    const [wire] = imports().bench.wires;
    assert.ok(wire);
    async function* slow(): AsyncGenerator<ImportMessage> {
      yield options();
      yield some("ldap/a");
      await new Promise((resolve) => setImmediate(resolve));
      const importers = group("group-importers", ["user:ann@example.com"]);
      imports().bench.replica.state = createState(
        { ...usual, groups: [...usual.groups, importers] },
        8n,
      );
      yield end(1);
    }
    assert.equal((await send(wire, slow())).reason, "GROUP_REQUIRED");
    assert.deepEqual(imports().asked, []);
    assert.equal((await send(wire, [options(), end(0)], bearer(keys.ann.token))).code, "ok");
  });

  it("is taken in by a server only a few at a time, and one of a peer", async () => {
    const [wire] = imports().bench.wires;
    assert.ok(wire);
    const people = [keys.root, keys.ann, keys.scheduler];
    const importers = group(
      "group-importers",
      people.map(({ body }) => body.identity),
    );
    imports().bench.replica.state = createState(
      { ...usual, groups: [...usual.groups, importers] },
      8n,
    );
    const [first = {}, second = {}, third = {}] = people.map(({ token }) => bearer(token));
    const held = Promise.withResolvers<undefined>();
    imports().turn = held.promise;
    const running: Promise<ImportReply>[] = [];
    const begin = async (headers: Record<string, string>): Promise<void> => {
      const begun = new Promise((resolve) => (imports().onImport = () => resolve(undefined)));
      running.push(send(wire, [options(), end(0)], headers));
      await begun;
    };
    const refuse = async (headers: Record<string, string>): Promise<void> => {
      const late = await send(wire, [options()], headers);
      assert.deepEqual([late.reason, late.field], ["LIMIT_EXCEEDED", "imports"]);
    };
    assert.equal(maxImports, 2);
    await begin(first);
    await refuse(first);
    await begin(second);
    for (const headers of [first, second, third]) await refuse(headers);
    held.resolve(undefined);
    for (const reply of await Promise.all(running)) assert.equal(reply.code, "ok");
    for (const headers of [first, second, third]) {
      assert.equal((await send(wire, [options(), end(0)], headers)).code, "ok");
    }
  });

  it("is ended when nothing comes for long, and gives its place back", async (context) => {
    await imports().onEveryWire(async (wire) => {
      context.mock.timers.enable({ apis: ["setTimeout"] });
      async function* stalling(): AsyncGenerator<ImportMessage> {
        yield options();
        yield some("ldap/a");
        await new Promise(() => undefined);
      }
      const replies: ImportReply[] = [];
      const sending = send(wire, stalling()).then((reply) => replies.push(reply));
      // What was sent may still be on its way: the clock goes on until the server has waited long enough.
      while (replies.length === 0) {
        context.mock.timers.tick(importPatience.idleMs);
        await new Promise((resolve) => setImmediate(resolve));
      }
      context.mock.timers.reset();
      await sending;
      assert.deepEqual(
        replies.map(({ code, reason, field }) => [code, reason, field]),
        [["resource_exhausted", "LIMIT_EXCEEDED", "import_idle"]],
        wire.name,
      );
      assert.deepEqual(imports().asked, []);
      assert.equal((await send(wire, [options(), end(0)])).code, "ok", wire.name);
      imports().reset();
    });
  });
});
