import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { createClient, type Client, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { AclService } from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { BotService } from "../../../src/gen/fleetgate/credential/v1/bot_service_pb.ts";
import { CallerService } from "../../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import { SessionService } from "../../../src/gen/fleetgate/credential/v1/session_service_pb.ts";
import {
  InstanceState,
  TaskState,
  Trust,
} from "../../../src/gen/fleetgate/credential/v1/subject_pb.ts";
import { TaskService } from "../../../src/gen/fleetgate/credential/v1/task_service_pb.ts";
import { startServer, type TestServer } from "../../e2e/support/server.ts";
import { makeFolder } from "../../e2e/support/cleanup.ts";
import { failure } from "../../e2e/support/failures.ts";

const fleet = `
projects:
  - name: acme
    realms:
      - name: ci
        bindings:
          - { role: role/fleetgate.provisioner, principals: ["service:provisioner"] }
          - { role: role/fleetgate.executionHost, principals: ["bot:b1", "service:host"] }
          - { role: role/fleetgate.relyingService, principals: ["service:cache"] }
          - { role: role/swarming.poolUser, principals: ["task:job"] }
pools: [{ name: p, realm: "acme:ci" }]
`;

describe("TaskService, by real bearers", () => {
  let server: TestServer;
  before(async () => {
    const keys = makeFolder();
    const key = randomBytes(32).toString("base64");
    writeFileSync(join(keys, "lookup-k1.key"), key, { mode: 0o600 });
    server = await startServer({ signing_keys_dir: keys });
    await server.admin.config.apply({
      files: [{ path: "fleet.yaml", content: { case: "text", value: fleet } }],
    });
  });

  const as = (token: string) => {
    const interceptor: Interceptor = (next) => (request) => {
      request.header.set("authorization", `Bearer ${token}`);
      return next(request);
    };
    const transport = createGrpcTransport({ baseUrl: server.url, interceptors: [interceptor] });
    return {
      tasks: createClient(TaskService, transport),
      bots: createClient(BotService, transport),
      sessions: createClient(SessionService, transport),
      acl: createClient(AclService, transport),
      callers: createClient(CallerService, transport),
    };
  };
  const keyOf = async (identity: string) =>
    as((await server.admin.keys.create({ identity })).token);

  const register = (tasks: Client<typeof TaskService>, taskId: string, holdId: string) =>
    tasks.registerTask({
      ...{ taskId, holdId, realm: "acme:ci", trust: Trust.TRUSTED, ref: "refs/heads/main" },
      timeLimit: { seconds: 600n },
      permissions: ["swarming.pools.createTask"],
    });

  it("goes down the ladder: a boot token, a session, a task, and never up or sideways (U40)", async () => {
    const provisioner = await keyOf("service:provisioner");
    await provisioner.bots.createBot({ botId: "b1", realm: "acme:ci" });
    for (const instanceState of [InstanceState.CREATING, InstanceState.RUNNING]) {
      await provisioner.bots.setBotState({ botId: "b1", instanceState });
    }
    const boot = as(
      (
        await provisioner.bots.issueBootToken({
          botId: "b1",
          generation: 1,
          ttl: { seconds: 600n },
        })
      ).token,
    );
    const unauthenticated = "Unauthenticated CREDENTIAL_REQUIRED";
    assert.equal(await codeOf(register(boot.tasks, "job", randomUUID())), unauthenticated);
    const { session } = await boot.sessions.openSession({});
    const bot = as(session?.token ?? "");

    const holdId = randomUUID();
    const { task, token, leaseUntil } = await register(bot.tasks, "job", holdId);
    assert.deepEqual(
      [task?.taskId, task?.botId, task?.state, task?.trust, task?.holds],
      ["job", "b1", TaskState.RUNNING, Trust.TRUSTED, 1],
    );
    assert.ok(leaseUntil !== undefined && token.startsWith("fg1_tk_"));

    const job = as(token);
    assert.equal((await job.tasks.getTask({})).task?.uid, task?.uid);
    await job.acl.checkPoolPerm({ permission: "swarming.pools.createTask", pool: "p" });
    assert.equal(await codeOf(register(job.tasks, "job", randomUUID())), unauthenticated);
    assert.equal(await codeOf(job.tasks.endTask({ taskId: "job" })), unauthenticated);
    assert.deepEqual(
      await codeOf(job.tasks.releaseHold({ taskId: "job", holdId })),
      unauthenticated,
    );
    const canceling = job.tasks.setTaskState({ state: TaskState.CANCELING });
    assert.equal(await codeOf(canceling), "PermissionDenied PERMISSION_REQUIRED");

    const names = [{ taskId: "job", holdId }];
    const { outcomes } = await bot.tasks.renewHolds({ holds: names, lease: { seconds: 60n } });
    assert.deepEqual(
      outcomes.map(({ leaseUntil, state }) => [leaseUntil !== undefined, state]),
      [[true, TaskState.RUNNING]],
    );
    await bot.tasks.releaseHold({ taskId: "job", holdId });
    const stopped = "PermissionDenied TASK_NOT_ACTIVE";
    const check = { permission: "swarming.pools.createTask", pool: "p" };
    assert.equal(await codeOf(job.acl.checkPoolPerm(check)), stopped);
    assert.equal((await job.tasks.getTask({})).task?.holds, 0, "it may still report");
    await bot.tasks.endTask({ taskId: "job", state: TaskState.FAILED });
    assert.equal((await job.tasks.getTask({})).task?.state, TaskState.FAILED);
    assert.equal(await codeOf(job.acl.checkPoolPerm(check)), stopped);

    await bot.sessions.closeSession({});
    assert.equal(await codeOf(register(bot.tasks, "next", randomUUID())), unauthenticated);
  });

  it("takes the token that a forge made for a task, and knows it wherever it is shown (A13, A21)", async () => {
    const { tasks } = await keyOf("service:host");
    const cache = await keyOf("service:cache");
    const token = `forge.${randomUUID()}`;
    const [taskId, holdId] = ["forged", randomUUID()];
    const said = { taskId, holdId, realm: "acme:ci", trust: Trust.UNTRUSTED, token };
    const registered = await tasks.registerTask({ ...said, timeLimit: { seconds: 600n } });
    assert.equal(registered.token, "");
    assert.equal((await as(token).tasks.getTask({})).task?.taskId, taskId);
    const show = () => cache.callers.identifyCaller({ token, audience: "cache" });
    const { caller } = await show();
    assert.deepEqual(
      [caller?.identity, caller?.credentialId, caller?.realm],
      ["task:forged", registered.credentialId, "acme:ci"],
    );
    await tasks.endTask({ taskId, state: TaskState.SUCCEEDED });
    assert.equal(await codeOf(show()), "PermissionDenied TASK_NOT_ACTIVE");
  });

  it("says what is wrong by code and reason", async () => {
    const { tasks } = await keyOf("service:host");
    const [taskId, holdId] = ["errors", randomUUID()];
    const wrong = tasks.registerTask({ taskId, holdId, realm: "acme:ci" });
    assert.equal(await codeOf(wrong), "InvalidArgument INVALID_FIELD");
    await register(tasks, taskId, holdId);
    await tasks.releaseHold({ taskId, holdId });
    assert.equal(await codeOf(register(tasks, taskId, holdId)), "FailedPrecondition HOLD_RELEASED");
    await tasks.endTask({ taskId, state: TaskState.SUCCEEDED });
    assert.equal(
      await codeOf(register(tasks, taskId, randomUUID())),
      "FailedPrecondition ILLEGAL_TRANSITION",
    );
    const stranger = await keyOf("service:stranger");
    for (const name of [taskId, "no-such-task"]) {
      assert.equal(
        await codeOf(stranger.tasks.getTask({ taskId: name })),
        "PermissionDenied PERMISSION_REQUIRED",
      );
    }
  });
});

/** How a call failed. */
async function codeOf(call: Promise<unknown>) {
  return (await failure(call)).what;
}
