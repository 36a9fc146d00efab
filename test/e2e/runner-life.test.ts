import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import { createClient, type Interceptor } from "@connectrpc/connect";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { CallerService } from "../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import { CredentialService } from "../../src/gen/fleetgate/credential/v1/credential_service_pb.ts";
import {
  ManagerStatus,
  RunnerService,
} from "../../src/gen/fleetgate/credential/v1/runner_service_pb.ts";
import {
  CredentialKind,
  TaskState,
  Trust,
} from "../../src/gen/fleetgate/credential/v1/subject_pb.ts";
import { TaskService } from "../../src/gen/fleetgate/credential/v1/task_service_pb.ts";
import { eventually } from "./support/eventually.ts";
import { failure } from "./support/failures.ts";
import { openTransport, startTwoReplicas } from "./support/two-replicas.ts";

const realm = "app:runners";
const fleet = `
projects:
  - name: app
    realms:
      - name: runners
        bindings:
          - { role: role/fleetgate.runnerManager, principals: ["service:fleet"] }
          - { role: role/fleetgate.credentialAdmin, principals: ["service:fleet"] }
          - { role: role/fleetgate.executionHost, principals: ["runner:worker"] }
          - { role: role/fleetgate.relyingService, principals: ["service:cache"] }
      - name: other
        bindings:
          - { role: role/fleetgate.runnerManager, principals: ["service:stranger"] }
`;
const refused = "Unauthenticated CREDENTIAL_REQUIRED";

/** Clients of a bearer. While `lose` is set, an answer that came is lost on its way to the caller. */
function openBearer(url: string, token: string) {
  const how = { lose: false };
  const losing: Interceptor = (next) => async (request) => {
    const answer = await next(request);
    if (how.lose) throw new Error("the answer is lost");
    return answer;
  };
  const transport = openTransport(url, token, losing);
  return {
    how,
    runners: createClient(RunnerService, transport),
    credentials: createClient(CredentialService, transport),
    tasks: createClient(TaskService, transport),
    callers: createClient(CallerService, transport),
    acl: createClient(AclService, transport),
  };
}
type Bearer = ReturnType<typeof openBearer>;

/** RequestLoss: the call is made and its answer lost; then it is made again. */
async function repeatedly<T>(bearer: Bearer, call: () => Promise<T>): Promise<T> {
  bearer.how.lose = true;
  await assert.rejects(call(), /the answer is lost/);
  bearer.how.lose = false;
  return call();
}

describe("the life of a runner, over the wire, on two replicas", () => {
  let urls: readonly [string, string];
  let manager: Bearer;
  let cache: Bearer;
  const as = (token: string, replica: 0 | 1 = 0) => openBearer(urls[replica], token);

  before(async () => {
    const replicas = await startTwoReplicas(fleet, ["service:fleet", "service:cache"]);
    ({ urls } = replicas);
    manager = as(replicas.tokens["service:fleet"]);
    cache = as(replicas.tokens["service:cache"]);
  });

  /** A new runner, and an enrolment token for it. */
  async function enrollable(runnerId: string, maxUses = 1): Promise<string> {
    await manager.runners.createRunner({ runnerId, realm });
    return (await manager.runners.createEnrollToken({ runnerId, maxUses })).token;
  }
  const enrol = async (token: string, systemId: string) =>
    as(token).runners.enroll({ systemId, nonce: randomUUID() });
  const identify = async (token: string) =>
    (await cache.callers.identifyCaller({ token, audience: "cache" })).caller ?? assert.fail();

  it("enrols at one replica and works at the other at once (U25, L7), is seen, paused and known (L18)", async () => {
    const token = await enrollable("worker", 2);
    const enrolled = await enrol(token, "m1");
    assert.equal(enrolled.runner?.managers, 1);
    const machine = as(enrolled.token, 1);
    const beat = await machine.runners.heartbeat({ ready: true, info: { name: "one" } });
    assert.deepEqual([beat.nextIn?.seconds, beat.paused], [60n, false]);
    assert.deepEqual(beat.expiresAt, enrolled.expiresAt);
    const listed = async () =>
      (await manager.runners.listManagers({ runnerId: "worker" })).managers[0] ?? assert.fail();
    await eventually("the heartbeat is written", async () => {
      return (await listed()).status === ManagerStatus.ONLINE;
    });
    assert.deepEqual([(await listed()).info?.name, (await listed()).source], ["one", "127.0.0.1"]);
    await manager.runners.setRunnerPaused({ runnerId: "worker", paused: true });
    const caller = await identify(enrolled.token);
    assert.deepEqual(
      [caller.identity, caller.kind, caller.systemId, caller.paused, caller.permissions],
      ["runner:worker", CredentialKind.RUNNER, "m1", true, ["fleetgate.tasks.register"]],
    );
    await eventually("the other replica has heard of the pause", async () => {
      return (await machine.runners.heartbeat({})).paused;
    });
    assert.equal((await machine.runners.getRunner({})).runner?.runnerId, "worker");
    const { credentials } = await manager.credentials.listCredentials({
      identity: "runner:worker",
    });
    assert.deepEqual(
      credentials.map(({ kind, systemId, uses, maxUses }) => [kind, systemId, uses, maxUses]),
      [
        [CredentialKind.RUNNER, "m1", 0, 0],
        [CredentialKind.ENROLL, "", 1, 2],
      ],
    );
  });

  it("goes down the ladder and never up or sideways: enrolment, runner token, task (U40, L27)", async () => {
    const token = await enrollable("ladder");
    const enrolling = as(token);
    for (const call of [
      () => enrolling.runners.heartbeat({}),
      () => enrolling.runners.getRunner({}),
      () => enrolling.credentials.rotateCredential({ nonce: randomUUID() }),
      () => enrolling.tasks.getTask({ taskId: "t" }),
      () => enrolling.acl.checkServerPerm({ permission: "swarming.servers.peek" }),
    ]) {
      assert.equal((await failure(call())).what, refused);
    }
    const machine = as((await enrol(token, "m1")).token);
    for (const call of [
      () => machine.runners.enroll({ systemId: "m2", nonce: randomUUID() }),
      () => machine.runners.createEnrollToken({ runnerId: "ladder" }),
      () => machine.runners.createRunner({ runnerId: "clone", realm }),
      () => machine.runners.listManagers({ runnerId: "ladder" }),
      () => machine.runners.deleteManager({ runnerId: "ladder", systemId: "m1" }),
      () => machine.credentials.listCredentials({ identity: "runner:ladder" }),
    ]) {
      assert.equal((await failure(call())).what, refused);
    }
    // Used up, it is the same as none (U10), and no second machine comes by it.
    const usedUp = await failure(enrol(token, "m2"));
    assert.deepEqual(usedUp, await failure(enrol(token.replace(/_en_./, "_en_x"), "m2")));
    assert.equal(usedUp.what, refused);
  });

  it("has its jobs by its token, which dies with the runner's; the job's own is told to stop (L19 to L24, L43, LH1)", async () => {
    const { token } = await manager.runners
      .createEnrollToken({ runnerId: "worker", maxUses: 1 })
      .then(({ token: by }) => enrol(by, "m2"));
    const machine = as(token, 1);
    const register = (taskId: string) =>
      machine.tasks.registerTask({
        ...{ taskId, holdId: randomUUID(), realm, trust: Trust.TRUSTED },
        timeLimit: { seconds: 600n },
      });
    const [one, two] = [await register("one"), await register("two")];
    const [job, other] = [as(one.token), as(two.token)];
    assert.equal((await job.tasks.getTask({ taskId: "one" })).task?.state, TaskState.RUNNING);
    // Another job's token, or a job that is not there: one answer, which tells no state.
    const strange = await failure(other.tasks.getTask({ taskId: "one" }));
    assert.deepEqual(await failure(other.tasks.getTask({ taskId: "nowhere" })), strange);
    await machine.tasks.setTaskState({ taskId: "one", state: TaskState.CANCELING });
    const canceling = await job.tasks.getTask({ taskId: "one" });
    assert.equal(canceling.task?.state, TaskState.CANCELING);
    await machine.tasks.endTask({ taskId: "one", state: TaskState.CANCELED });
    const shown = { token: one.token, audience: "cache" };
    const stopped = await failure(cache.callers.identifyCaller(shown));
    assert.deepEqual(
      [stopped.what, stopped.metadata["task_state"]],
      ["PermissionDenied TASK_NOT_ACTIVE", "canceled"],
    );
    assert.deepEqual(await failure(other.tasks.getTask({ taskId: "one" })), strange);
    await manager.runners.deleteManager({ runnerId: "worker", systemId: "m2" });
    assert.equal((await failure(register("three"))).what, refused);
    // What it executes goes on.
    assert.equal((await other.tasks.getTask({ taskId: "two" })).task?.state, TaskState.RUNNING);
  });

  it("gets a working token when an answer was lost, and the lost one is dead (U48, RequestLoss)", async () => {
    const token = await enrollable("lossy");
    const enrolling = as(token);
    const request = { systemId: "m1", nonce: randomUUID() };
    const enrolled = await repeatedly(enrolling, () => enrolling.runners.enroll(request));
    const machine = as(enrolled.token);
    await machine.runners.heartbeat({});
    const rotation = { nonce: randomUUID(), grace: { seconds: 0n } };
    const rotated = await repeatedly(machine, () => machine.credentials.rotateCredential(rotation));
    await as(rotated.token, 1).runners.heartbeat({});
    const { credentials } = await manager.credentials.listCredentials({
      ...{ identity: "runner:lossy", showEnded: true },
    });
    const runnerTokens = credentials.filter(({ kind }) => kind === CredentialKind.RUNNER);
    assert.deepEqual(
      runnerTokens.map(({ ended, replacedBy }) => [ended, replacedBy]),
      [
        ["", ""],
        ["revoked", ""],
        ["expired", rotated.credentialId],
        ["revoked", ""],
      ],
    );
    assert.equal((await manager.runners.getRunner({ runnerId: "lossy" })).runner?.managers, 1);
    assert.equal((await failure(machine.runners.heartbeat({}))).what, refused);
  });
});
