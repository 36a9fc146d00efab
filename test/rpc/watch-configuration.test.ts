import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createCallerIdentifier } from "../../src/client/node/callers/caller-identifier.ts";
import { parseCursor, type RevocationCursor } from "../../src/credentials/revocation-cursor.ts";
import { CallerService } from "../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import { createWatchSlots, maxWatches } from "../../src/rpc/credential/watch-slots.ts";
import { bearer } from "./support/bench.ts";
import { makeCredential } from "./support/fake-credentials.ts";
import { now } from "./support/keys.ts";
import { change, openWatchBench, until, world, worldOf } from "./support/watch-bench.ts";
import type { WatchBench } from "./support/watch-bench.ts";
import { binding, createState, keys } from "./support/world.ts";

const pools = "acme:pools/ci";

/** The world with a role that gives tasks to somebody in realm `acme:tasks`. */
const withRole = (principal: string): typeof world => ({
  ...world,
  projects: world.projects.map((project) => ({
    ...project,
    realms: project.realms.map((realm) => ({
      ...realm,
      bindings:
        realm.name === "tasks"
          ? [...realm.bindings, binding("role/swarming.taskViewer", principal)]
          : realm.bindings,
    })),
  })),
});

describe("WatchRevocations when the configuration changes", () => {
  let bench: WatchBench;
  before(async () => {
    bench = await openWatchBench();
  });
  after(() => bench.close());
  beforeEach(() => {
    bench.reset();
  });
  const tokenNow = (): string => bench.replica.state?.revisionToken ?? assert.fail();
  // No two texts of a cursor are the same.
  const placeOf = (cursor: string): RevocationCursor => {
    const { tokenKey } = bench.replica.state ?? assert.fail();
    return parseCursor(tokenKey, cursor) ?? assert.fail("a cursor of ours");
  };

  it("tells of another configuration at once, on every wire, and goes on from the same place", async (context) => {
    // No time passes: what is told is told because it happened.
    context.mock.timers.enable({ apis: ["setTimeout"] });
    for (const [wire, { name }] of bench.wires.entries()) {
      bench.reset();
      const stream = await bench.open(keys.scheduler.token, wire);
      bench.tell([change("u1")]);
      const first = await stream.next();
      assert.equal(first.revisionToken, tokenNow(), name);
      bench.replica.state = createState(world, 8n);
      const second = await stream.next();
      assert.deepEqual([second.revisionToken, second.revocations], [tokenNow(), []], name);
      assert.deepEqual(placeOf(second.cursor), placeOf(first.cursor), name);
      assert.notEqual(first.revisionToken, second.revisionToken);
      await stream.close();
    }
  });

  it("hides nothing without telling of the configuration that hides it: a message that leaves something out says a new revision", async () => {
    bench.replica.state = createState(worldOf("tasks", "pools/ci"));
    const stream = await bench.open();
    bench.tell([change("u1", pools)]);
    const { revisionToken, revocations } = await stream.next();
    assert.equal(revocations.length, 1);
    bench.replica.state = createState(world, 8n);
    bench.tell([change("u2", pools), change("u3")]);
    const without = await stream.next();
    assert.deepEqual(
      without.revocations.map(({ subjectUid }) => subjectUid),
      ["u3"],
    );
    assert.notEqual(without.revisionToken, revisionToken);
    // What was hidden stays so when the peer may hear of the realm again, but then it is told of a third one.
    bench.replica.state = createState(worldOf("tasks", "pools/ci"), 9n);
    const third = await stream.next();
    assert.deepEqual([third.revocations, third.revisionToken], [[], tokenNow()]);
    await stream.close();
  });

  it("has a service that remembers answers hear of a role that is taken away, though no time passes", async (context) => {
    // What is remembered never ends by itself.
    context.mock.method(performance, "now", () => 1_000_000);
    const task = makeCredential("task", "t1", { permissions: ["swarming.tasks.get"] });
    const token = bench.fake.admit(task);
    bench.replica.state = createState(withRole("task:t1"));
    const client = createClient(CallerService, (bench.wires[0] ?? assert.fail()).transport);
    const headers = bearer(keys.scheduler.token);
    const callers: typeof client = {
      ...client,
      identifyCaller: (request, options) => client.identifyCaller(request, { ...options, headers }),
      watchRevocations: (request, options) =>
        client.watchRevocations(request, { ...options, headers }),
    };
    const before = bench.fake.watchers();
    const identifier = createCallerIdentifier({ callers }, { audience: "cache" });
    await until(() => bench.fake.watchers() > before);
    const permissions = async (): Promise<readonly string[]> =>
      (await identifier.identify(token)).caller.permissions;
    bench.tell([]);
    const both = ["fleetgate.tasks.report", "swarming.tasks.get"];
    assert.deepEqual(await permissions(), both);
    const asked = bench.fake.asked.length;
    assert.deepEqual(await permissions(), both);
    assert.equal(bench.fake.asked.length, asked, "it is remembered");
    bench.replica.state = createState(world, 8n);
    // No time passes, so turns are counted: the news needs some hundred of them at most.
    for (let turn = 0; turn < 20_000 && (await permissions()).length === 2; turn += 1)
      await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(await permissions(), ["fleetgate.tasks.report"]);
    await identifier.close();
    await until(() => bench.fake.watchers() === before);
  });

  it("is complete only as far as the configuration was confirmed, too", async () => {
    const stream = await bench.open();
    const at = now.getTime();
    const completeAt = async (): Promise<number> =>
      Number((await stream.next()).completeAt?.seconds) * 1000;
    bench.tell([]);
    assert.equal(await completeAt(), at);
    bench.replica.age = 5000;
    bench.tell([]);
    assert.equal(await completeAt(), at - 5000);
    bench.replica.age = 0;
    bench.tell([], 100n, at - 3000);
    assert.equal(await completeAt(), at - 3000);
    await stream.close();
  });

  it("one peer cannot take the places of others", () => {
    const take = createWatchSlots();
    for (let count = 0; count < maxWatches.ofPeer; count += 1) take("service:greedy");
    assert.throws(() => take("service:greedy"), { reason: "LIMIT_EXCEEDED" });
    take("service:other");
    assert.ok(maxWatches.ofPeer <= 16 && maxWatches.inAll >= 50 * maxWatches.ofPeer);
  });
});
