import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { taskStateAt } from "../../src/domain/credential/gates.ts";
import { taskNotActive } from "../../src/domain/credential/task-not-active.ts";
import { finalTaskStates, taskStates } from "../../src/domain/credential/task-states.ts";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { CallerService } from "../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import { UrlService } from "../../src/gen/fleetgate/credential/v1/url_service_pb.ts";
import { ask, bearer, openBench, type Bench, type Reply } from "./support/bench.ts";
import { createFakeCredentials, makeCredential, makeTask } from "./support/fake-credentials.ts";
import { now } from "./support/keys.ts";
import { binding, createState, keys, usual } from "./support/world.ts";

const { checkPoolPerm } = AclService.method;
const { identifyCaller } = CallerService.method;
const { signUrl } = UrlService.method;
const deadline = now.getTime() + 60_000;

describe("the state of a task (docs/credentials.md: one clock decides, that of the database)", () => {
  it("is timed out from its deadline on, unless it has ended before", () => {
    for (const state of taskStates) {
      const ended = finalTaskStates.has(state);
      assert.equal(taskStateAt({ state, deadline }, deadline - 1), state);
      assert.equal(taskStateAt({ state, deadline }, deadline), ended ? state : "timed_out");
    }
  });
});

describe("the signal to stop", () => {
  it("says how far the task is, and of one that is executed why its token is good for nothing all the same", () => {
    for (const state of taskStates) {
      const { message, metadata } = taskNotActive(state);
      assert.deepEqual(metadata, { task_state: state });
      const isOver = finalTaskStates.has(state) || state === "canceling";
      const why = isOver ? "" : ", but nobody holds it, or its realm is gone";
      assert.ok(message.includes(`(${state}${why})`), message);
    }
  });
});

describe("between the deadline of a task and the step that writes it down", () => {
  const fake = createFakeCredentials();
  let bench: Bench;
  before(async () => {
    bench = await openBench({ credentials: fake.area });
  });
  after(() => bench.close());
  const identify = {
    ...{ name: "customRole/identify", permissions: ["fleetgate.callers.identify"] },
    ...{ includes: [], unresolved: false },
  };
  beforeEach(() => {
    fake.reset();
    bench.replica.state = createState({
      ...usual,
      projects: usual.projects.map((project) => ({
        ...project,
        customRoles: [identify],
        realms: project.realms.map((realm) =>
          realm.name === "tasks"
            ? { ...realm, bindings: [binding(identify.name, "service:scheduler")] }
            : realm,
        ),
      })),
    });
  });

  const times = [
    [deadline - 1, "running"],
    [deadline, "timed_out"],
  ] as const;
  const subject = makeTask("t1", { deadline, heldUntil: deadline });
  const { record, token } = makeCredential("task", "t1", {
    subject,
    permissions: ["fleetgate.urls.sign"],
  });
  const first = () => (bench.wires[0] ?? assert.fail()).transport;
  const stopSignal = ({ reason, metadata }: Reply) => [reason, metadata["task_state"]];

  it("its own bearer is told that it timed out", async () => {
    for (const [time, state] of times) {
      fake.time = time;
      const stopped = ["TASK_NOT_ACTIVE", state];
      fake.verdicts.set(token, { kind: "not_active", why: "state", record });
      const question = { permission: "swarming.pools.listBots", pool: "ci" };
      assert.deepEqual(
        stopSignal(await ask(first(), checkPoolPerm, question, bearer(token))),
        stopped,
      );
      // It may only report, and this is no report.
      fake.verdicts.set(token, { kind: "good", record, use: "report" });
      assert.deepEqual(stopSignal(await ask(first(), signUrl, {}, bearer(token))), stopped);
    }
    // Judged just before.
    fake.verdicts.set(token, { kind: "good", record, use: "all" });
    const use = { purpose: "x", method: "GET", resource: "1" };
    const reply = await ask(first(), signUrl, use, bearer(token));
    assert.deepEqual(stopSignal(reply), ["TASK_NOT_ACTIVE", "timed_out"]);
  });

  it("a service is told so, in refusals and in what a caller is", async () => {
    const show = () =>
      ask(first(), identifyCaller, { token, audience: "x" }, bearer(keys.scheduler.token));
    for (const [time, state] of times) {
      fake.time = time;
      fake.verdicts.set(token, { kind: "not_active", why: "state", record });
      assert.deepEqual(stopSignal(await show()), ["TASK_NOT_ACTIVE", state]);
      fake.verdicts.set(token, { kind: "good", record, use: "report" });
      const { response, message } = await show();
      assert.ok(response, message);
      const { caller } = response as { caller: { taskState: string } };
      assert.equal(caller.taskState, `TASK_STATE_${state.toUpperCase()}`);
    }
  });
});
