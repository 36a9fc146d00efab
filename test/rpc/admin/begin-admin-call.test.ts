import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ConnectError } from "@connectrpc/connect";
import type { CommandDeps } from "../../../src/commands/deps.ts";
import { GroupService } from "../../../src/gen/fleetgate/admin/v1/group_service_pb.ts";
import { createVersionedMap } from "../../../src/engine/versioned-map.ts";
import type { ReplicaState } from "../../../src/replica/state.ts";
import { hasReason } from "../../support/errors.ts";
import { ask, bearer, openBench, type Bench } from "../support/bench.ts";
import { now } from "../support/keys.ts";
import { createState, keys } from "../support/world.ts";

const { body } = keys.ann;
const withKey = (changes: Partial<typeof body>): ReplicaState => ({
  ...createState(),
  apiKeys: createVersionedMap(new Map([[body.id, { ...body, ...changes }]])),
});

describe("the signal of an admin call", () => {
  it("aborts when the peer goes away", async () => {
    const begun = Promise.withResolvers<AbortSignal>();
    const bench = await openBench({
      operations: {
        addMembers: async ({ signal }) => {
          begun.resolve(signal ?? assert.fail());
          return new Promise(() => undefined);
        },
      },
    });
    try {
      const [wire] = bench.wires;
      const { addMembers } = GroupService.method;
      const controller = new AbortController();
      const headers = bearer(keys.ann.token);
      const call = wire?.transport.unary(addMembers, controller.signal, undefined, headers, {});
      const signal = await begun.promise;
      assert.equal(signal.aborted, false);
      const over = new Promise((resolve) => signal.addEventListener("abort", resolve));
      controller.abort();
      await assert.rejects(call ?? assert.fail());
      await over;
      assert.ok(signal.reason instanceof ConnectError);
    } finally {
      await bench.close();
    }
  });
});

describe("a change on the state that it is planned on", () => {
  let bench: Bench;
  let commands: CommandDeps | undefined;
  before(async () => {
    bench = await openBench({
      operations: {
        addMembers: async (deps) => {
          commands = deps;
          const { revisionToken } = createState();
          return Promise.resolve({ count: 0, etag: "", revisionToken, effects: undefined });
        },
      },
    });
    const [wire] = bench.wires;
    assert.ok(wire);
    const { addMembers } = GroupService.method;
    const reply = await ask(wire.transport, addMembers, {}, bearer(keys.ann.token));
    assert.equal(reply.code, "ok", reply.message);
  });
  after(() => bench.close());

  it("is admitted while its credential holds", () => {
    commands?.admit?.(withKey({}));
    assert.ok(commands?.admit);
  });

  it("is refused when its key was revoked while it waited for its turn", () => {
    const state = withKey({ revokedAt: now.toISOString() });
    assert.throws(() => commands?.admit?.(state), hasReason("CREDENTIAL_REQUIRED"));
  });

  it("is refused when its key expired while it waited for its turn", () => {
    const state = withKey({ expiresAt: now.toISOString() });
    assert.throws(() => commands?.admit?.(state), hasReason("CREDENTIAL_REQUIRED"));
  });
});
