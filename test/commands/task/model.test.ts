import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import * as fc from "fast-check";
import { DomainError } from "../../../src/domain/errors.ts";
import { useDatabase } from "../../support/database.ts";
import { bot, host1, host2, openTasks, root, type TestTasks } from "./support.ts";

const hosts = [host1, host2, bot];

/** What a random run does, in its order. Times are seconds. */
type Step =
  | {
      readonly do: "register";
      readonly host: number;
      readonly hold: number;
      readonly lease: number;
    }
  | { readonly do: "renew"; readonly host: number; readonly hold: number; readonly lease: number }
  | { readonly do: "release"; readonly host: number; readonly hold: number }
  | { readonly do: "cancel"; readonly host: number }
  | { readonly do: "end"; readonly host: number }
  | { readonly do: "pass"; readonly seconds: number }
  | { readonly do: "tidy" };

/** A naive task: a list of holds, and a clock of its own. */
interface Model {
  now: number;
  state: "none" | "running" | "canceling" | "over";
  deadline: number;
  reportUntil: number;
  /** By host and hold: when it ends, and whether it was ever registered and released. */
  readonly holds: Map<string, { until: number; registered: boolean; released: boolean }>;
}

const timeLimit = 209;

function endModel(model: Model, at: number): void {
  model.state = "over";
  model.reportUntil = at + 300;
  for (const hold of model.holds.values()) hold.released ||= hold.registered;
}

/** Takes the step in the model; says what the call must come to. */
function expected(model: Model, step: Step): string {
  if (step.do === "pass") model.now += step.seconds;
  if ((model.state === "running" || model.state === "canceling") && model.now >= model.deadline) {
    endModel(model, model.deadline);
  }
  if (step.do === "pass" || step.do === "tidy") return "ok";
  const isKnown = model.state !== "none";
  const isHost = [...model.holds].some(
    ([name, hold]) => name.startsWith(`${step.host}/`) && hold.registered,
  );
  if (step.do === "cancel") {
    if (!isHost) return "PERMISSION_REQUIRED";
    if (model.state === "running") model.state = "canceling";
    return "ok";
  }
  if (step.do === "end") {
    if (!isHost) return "PERMISSION_REQUIRED";
    if (model.state !== "over") endModel(model, model.now);
    return "ok";
  }
  const name = `${step.host}/${step.hold}`;
  const hold = model.holds.get(name);
  const isLive = hold !== undefined && hold.registered && !hold.released && model.now < hold.until;
  if (step.do === "release") {
    if (hold === undefined) model.holds.set(name, { until: 0, registered: false, released: true });
    else if (isLive) hold.released = true;
    return "ok";
  }
  const until = Math.min(model.now + step.lease, isKnown ? model.deadline : model.now + timeLimit);
  if (step.do === "renew") {
    if (!isLive) return "nothing";
    hold.until = Math.max(hold.until, until);
    return "ok";
  }
  if (model.state === "over") return "ILLEGAL_TRANSITION";
  if (hold !== undefined && !isLive) return "HOLD_RELEASED";
  if (!isKnown) {
    model.state = "running";
    model.deadline = model.now + timeLimit;
    model.reportUntil = model.deadline + 300;
  }
  if (isLive) hold.until = Math.max(hold.until, until);
  else model.holds.set(name, { until, registered: true, released: false });
  return "ok";
}

/** What the token of the model is good for. */
function useOf(model: Model): string {
  if (model.state === "none") return "none";
  const isHeld = [...model.holds.values()].some(
    ({ until, registered, released }) => registered && !released && model.now < until,
  );
  if (model.state === "running" && isHeld) return "all";
  return model.now < model.reportUntil ? "report" : "none";
}

/** Takes the step in earnest; says what the call came to. */
async function actual(tasks: TestTasks, taskId: string, holds: readonly string[], step: Step) {
  const call = async (): Promise<string> => {
    if (step.do === "pass") await tasks.pass(taskId, step.seconds * 1000);
    else if (step.do === "tidy") await tasks.overdue();
    else {
      const host = hosts[step.host] ?? assert.fail();
      if (step.do === "cancel") await tasks.setState(host, taskId, "canceling");
      else if (step.do === "end") await tasks.end(host, taskId);
      else {
        const holdId = holds[step.hold] ?? assert.fail();
        if (step.do === "release") await tasks.release(host, taskId, holdId);
        else {
          const leaseMs = step.lease * 1000;
          if (step.do === "renew") {
            const renewed = await tasks.renew(host, taskId, holdId, leaseMs);
            return renewed?.leaseUntil === undefined ? "nothing" : "ok";
          }
          const timeLimitMs = timeLimit * 1000;
          await tasks.register(host, { taskId, holdId, leaseMs, timeLimitMs });
        }
      }
    }
    return "ok";
  };
  return call().catch((error: unknown) => {
    if (error instanceof DomainError) return error.reason;
    throw error;
  });
}

const host = fc.nat(hosts.length - 1);
const hold = fc.nat(2);
// The clock of the database goes on beside that of the model. Steps of time are whole tens of seconds and ends come just before the
// next ten, so that a run may be 9 seconds late.
const lease = fc.constantFrom(29, 59, 119, 509);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("register" as const), host, hold, lease }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("renew" as const), host, hold, lease }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("release" as const), host, hold }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      seconds: fc.constantFrom(10, 30, 60, 150),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cancel" as const), host }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("end" as const), host }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("tidy" as const) }) },
);

describe("holds of several hosts", () => {
  const open = useDatabase();
  let tasks: TestTasks;
  before(async () => {
    tasks = openTasks(await open());
  });

  it("keep a token alive exactly as long as a naive model says (A14, A16, AH3, AH4, AH5, U30, U31, U37, U38)", async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 24 }), async (steps) => {
        const taskId = `m-${randomUUID()}`;
        const holds = [randomUUID(), randomUUID(), randomUUID()];
        const model: Model = {
          ...{ now: 0, state: "none", deadline: Infinity, reportUntil: 0 },
          holds: new Map(),
        };
        for (const [index, step] of steps.entries()) {
          const wanted = expected(model, step);
          const told = `step ${index}: ${JSON.stringify(step)}`;
          assert.equal(await actual(tasks, taskId, holds, step), wanted, told);
          assert.equal(await tasks.use(taskId), useOf(model), told);
          seen.add(`${step.do} ${wanted}`).add(`use ${useOf(model)}`);
        }
        if (model.state !== "none") await tasks.end(root, taskId);
      }),
      { numRuns: 30 },
    );
    const must = ["register HOLD_RELEASED", "register ok", "renew nothing", "renew ok", "use all"];
    for (const one of [...must, "use none", "use report"]) assert.ok(seen.has(one), one);
  });
});
