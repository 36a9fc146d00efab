import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { createClient, type Client } from "@connectrpc/connect";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import {
  CallerService,
  Freshness,
  type WatchRevocationsResponse,
} from "../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import { TaskState, Trust } from "../../src/gen/fleetgate/credential/v1/subject_pb.ts";
import { TaskService } from "../../src/gen/fleetgate/credential/v1/task_service_pb.ts";
import { InspectService } from "../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { makeFolder } from "./support/cleanup.ts";
import { failure } from "./support/failures.ts";
import { openTransport, startTwoReplicas } from "./support/two-replicas.ts";

const realm = "app:jobs";
const pool = "ci";
const fleet = `
settings:
  delegations: [{ group: services }]
groups:
  - { name: services, members: ["service:cache"] }
projects:
  - name: app
    realms:
      - name: jobs
        bindings:
          - { role: role/fleetgate.executionHost, principals: ["service:host"] }
          - { role: role/fleetgate.relyingService, principals: ["service:cache"] }
          - { role: role/swarming.poolUser, principals: ["task:one", "task:two"] }
          - { role: role/swarming.poolViewer, principals: ["task:one"] }
pools:
  - { name: ci, realm: "app:jobs" }
`;
const permission = "swarming.pools.createTask";
const beyond = "swarming.pools.listBots";

function openPeer(url: string, token: string) {
  const transport = openTransport(url, token);
  return {
    acl: createClient(AclService, transport),
    callers: createClient(CallerService, transport),
    tasks: createClient(TaskService, transport),
    inspect: createClient(InspectService, transport),
  };
}
type TestPeer = ReturnType<typeof openPeer>;

describe("tasks as peers and callers, on two replicas", () => {
  let urls: readonly [string, string];
  let host: TestPeer;
  // The same service at either replica.
  let caches: readonly [TestPeer, TestPeer];
  const as = (token: string, replica: 0 | 1 = 0): TestPeer => openPeer(urls[replica], token);

  before(async () => {
    const folder = makeFolder();
    for (const purpose of ["url", "assertion", "lookup"]) {
      const path = join(folder, `${purpose}-k1.key`);
      writeFileSync(path, randomBytes(32).toString("base64"), { mode: 0o600 });
    }
    const flags = { signing_keys_dir: folder };
    const replicas = await startTwoReplicas(fleet, ["service:cache", "service:host"], flags);
    ({ urls } = replicas);
    const { "service:cache": cache, "service:host": hostToken } = replicas.tokens;
    host = as(hostToken);
    caches = [as(cache, 0), as(cache, 1)];
  });

  const register = async (taskId: string, token = "") =>
    host.tasks.registerTask({
      ...{ taskId, realm, holdId: randomUUID(), token },
      ...{ permissions: [permission], timeLimit: { seconds: 3600n }, trust: Trust.TRUSTED },
    });
  const told = async (call: Promise<unknown>) => (await failure(call)).what;

  it("are peers of every replica within their ceiling, by our token or a forge's", async () => {
    const made = await register("one");
    const forge = randomBytes(30).toString("base64");
    await register("two", forge);
    for (const replica of [0, 1] as const) {
      for (const token of [made.token, forge]) {
        const task = as(token, replica);
        await task.acl.checkPoolPerm({ permission, pool });
        const denied = task.acl.checkPoolPerm({ permission: beyond, pool });
        assert.equal(await told(denied), "PermissionDenied PERMISSION_DENIED");
        const { permissionSets } = await task.inspect.listPermissions({});
        const listed = permissionSets.flatMap((set) => set.permissions);
        assert.deepEqual([...new Set(listed)], [permission]);
        const mint = task.tasks.registerTask({ taskId: "x", realm, holdId: randomUUID() });
        assert.equal(await told(mint), "Unauthenticated CREDENTIAL_REQUIRED");
      }
    }
    await host.tasks.endTask({ taskId: "two", state: TaskState.SUCCEEDED });
  });

  it("are identified to a service, which asks about them by proof, until they end", async () => {
    const { token } = await register("one");
    const shown = { token, audience: "cache" };
    const [near, far] = caches;
    const asked = { caller: "task:one", permission, pool };
    assert.equal(
      await told(near.acl.checkPoolPerm(asked)),
      "FailedPrecondition ON_BEHALF_OF_FORBIDDEN",
    );
    const { caller, assertion } = await near.callers.identifyCaller(shown);
    assert.equal(caller?.identity, "task:one");
    assert.deepEqual(caller.permissions, ["fleetgate.tasks.report", permission]);
    const proven = { ...asked, callerAssertion: assertion };
    // Proofs are good at every replica, and no secret of one of them.
    for (const cache of caches) {
      await cache.acl.checkPoolPerm(proven);
      const shed = cache.acl.checkPoolPerm({ ...proven, permission: beyond });
      assert.equal(await told(shed), "FailedPrecondition ON_BEHALF_OF_FORBIDDEN");
    }
    assert.equal(
      await told(host.callers.identifyCaller(shown)),
      "Unauthenticated SHOWN_CREDENTIAL_REFUSED",
    );

    await host.tasks.setTaskState({ taskId: "one", state: TaskState.CANCELING });
    const strict = { ...shown, freshness: Freshness.STRICT };
    const stopping = await far.callers.identifyCaller(strict);
    assert.deepEqual(stopping.caller?.permissions, ["fleetgate.tasks.report"]);
    const task = as(token);
    assert.equal(
      await told(task.acl.checkPoolPerm({ permission, pool })),
      "PermissionDenied PERMISSION_DENIED",
    );
    assert.equal((await task.tasks.getTask({})).task?.state, TaskState.CANCELING);
    // At once where it was done, elsewhere as soon as the log was read.
    assert.equal(
      await told(near.acl.checkPoolPerm(proven)),
      "FailedPrecondition ON_BEHALF_OF_FORBIDDEN",
    );
    await eventually(far.acl, proven);

    await host.tasks.endTask({ taskId: "one", state: TaskState.CANCELED });
    const over = await failure(far.callers.identifyCaller(strict));
    assert.equal(over.what, "PermissionDenied TASK_NOT_ACTIVE");
    assert.deepEqual(over.metadata, { task_state: "canceled" });
    const own = await failure(task.acl.checkPoolPerm({ permission, pool }));
    assert.equal(own.what, "PermissionDenied TASK_NOT_ACTIVE");
    assert.equal((await task.tasks.getTask({})).task?.state, TaskState.CANCELED, "it may report");
  });

  it("are told of to services that cache, also what these missed", async () => {
    const { task } = await register("three");
    const uid = task?.uid ?? assert.fail();
    const seen = async (cursor: string, act: () => Promise<unknown>): Promise<string> => {
      const end = new AbortController();
      const stream = caches[1].callers.watchRevocations({ cursor }, { signal: end.signal });
      let acted = false;
      for await (const message of stream) {
        if (isAbout(message, uid)) {
          // Leaving the loop waits for the stream to end.
          end.abort();
          return message.cursor;
        }
        // The stream is known to be open now.
        if (!acted) await act();
        acted = true;
      }
      return assert.fail("the stream has ended");
    };
    const cursor = await seen("", () =>
      host.tasks.setTaskState({ taskId: "three", state: TaskState.CANCELING }),
    );
    await host.tasks.endTask({ taskId: "three", state: TaskState.FAILED });
    await seen(cursor, () => assert.fail("what was missed comes first"));
  });
});

function isAbout({ revocations }: WatchRevocationsResponse, uid: string): boolean {
  return revocations.some(({ subjectUid }) => subjectUid === uid);
}

/** Waits until the proof is good for nothing. */
async function eventually(
  acl: Client<typeof AclService>,
  request: Parameters<Client<typeof AclService>["checkPoolPerm"]>[0],
): Promise<void> {
  for (;;) {
    try {
      await acl.checkPoolPerm(request);
    } catch {
      return;
    }
  }
}
