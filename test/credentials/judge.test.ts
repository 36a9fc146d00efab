import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judge, type Question } from "../../src/credentials/judge.ts";
import type { Verdict } from "../../src/credentials/verdict.ts";
import { instanceStates, runnerStates } from "../../src/domain/credential/bot-states.ts";
import type { CredentialRecord } from "../../src/domain/credential/subject.ts";
import { taskStates } from "../../src/domain/credential/task-states.ts";
import { builtInPermissions } from "../../src/domain/permissions.ts";
import { bind, realm, world } from "../engine/world.ts";
import { bot, noon, record, task } from "./support/records.ts";

const snapshot = world({
  permissions: builtInPermissions,
  realms: [realm("acme:ci", bind("swarming.tasks.get", ["task:t1", "bot:b1"]))],
});

const ask = (
  of: CredentialRecord,
  {
    inquiry = {},
    ...more
  }: { inquiry?: Partial<Question["inquiry"]> } & Partial<Omit<Question, "inquiry">> = {},
): Verdict =>
  judge(of, { snapshot, now: noon, ...more, inquiry: { audience: "fleetgate", ...inquiry } });

const wordOf = (verdict: Verdict): string =>
  "why" in verdict
    ? `${verdict.kind} ${verdict.why}`
    : verdict.kind === "good"
      ? `good ${verdict.use}`
      : verdict.kind;

describe("states of bots", () => {
  // credentials.md c.8: lists of what is permitted.
  const permitted: Readonly<Record<"boot" | "session" | "resume", readonly [string[], string[]]>> =
    {
      boot: [
        ["pending", "installing"],
        ["creating", "running"],
      ],
      session: [["pending", "installing", "idle", "online", "offline", "active"], ["running"]],
      resume: [["pending", "installing", "idle", "online", "offline", "active"], ["running"]],
    };
  for (const kind of ["boot", "session", "resume"] as const) {
    it(`accepts a ${kind} token in the states that permit it and in no other of the 90 pairs`, () => {
      const [runners, instances] = permitted[kind];
      let pairs = 0;
      for (const runnerState of runnerStates) {
        for (const instanceState of instanceStates) {
          const verdict = ask(record(kind, { subject: bot({ runnerState, instanceState }) }));
          const isGood = runners.includes(runnerState) && instances.includes(instanceState);
          const expected = isGood ? "good all" : "refused state";
          assert.equal(wordOf(verdict), expected, `${runnerState}, ${instanceState}`);
          pairs += 1;
        }
      }
      assert.equal(pairs, 90);
    });
  }
});

describe("states of tasks", () => {
  it("U32 U33 U38 accepts a task's token for all, for reporting, or not at all, by state, deadline, lease and what is wanted", () => {
    // From the rule: docs/credentials.md, "a task".
    const expected = (
      state: string,
      inTime: boolean,
      isHeld: boolean,
      mayStillReport: boolean,
      want: string | undefined,
    ): string => {
      const wantsReport = want === "fleetgate.tasks.report";
      if (inTime && isHeld) {
        if (state === "running" || state === "awaiting_ack") {
          return want === undefined || wantsReport ? "good all" : "lacks";
        }
        if (state === "canceling") {
          return want === undefined || wantsReport ? "good report" : "not_active state";
        }
      }
      return mayStillReport && wantsReport ? "good report" : "not_active state";
    };
    let count = 0;
    for (const state of taskStates) {
      for (const inTime of [true, false]) {
        for (const isHeld of [true, false]) {
          for (const mayStillReport of [true, false]) {
            if (inTime && isHeld && !mayStillReport) continue;
            for (const want of [undefined, "fleetgate.tasks.report", "swarming.tasks.cancel"]) {
              const subject = task({
                state,
                deadline: inTime ? noon + 1 : noon,
                heldUntil: isHeld ? noon + 1 : noon,
                reportUntil: mayStillReport ? noon + 1 : noon,
              });
              const verdict = ask(record("task", { subject }), {
                inquiry: { wantPermission: want },
              });
              const row = [state, inTime, isHeld, mayStillReport, want].join(", ");
              assert.equal(
                wordOf(verdict),
                expected(state, inTime, isHeld, mayStillReport, want),
                row,
              );
              count += 1;
            }
          }
        }
      }
    }
    assert.equal(count, 7 * 7 * 3);
  });

  it("refuses a token of a task that nobody ever held", () => {
    const subject = task({ heldUntil: -Infinity, reportUntil: noon });
    assert.equal(wordOf(ask(record("task", { subject }))), "not_active state");
  });

  it("U34 a permission is had if the credential lists it and the realm gives it to the task now", () => {
    const want = { inquiry: { wantPermission: "swarming.tasks.get" } };
    assert.equal(wordOf(ask(record("task"), want)), "lacks");
    const listed = record("task", { permissions: ["swarming.tasks.get", "swarming.tasks.cancel"] });
    assert.equal(wordOf(ask(listed, want)), "good all");
    const notGiven = { inquiry: { wantPermission: "swarming.tasks.cancel" } };
    assert.equal(wordOf(ask(listed, notGiven)), "lacks");
    const other = world({ permissions: builtInPermissions, realms: [realm("acme:ci")] });
    assert.equal(wordOf(ask(listed, { ...want, snapshot: other })), "lacks");
    // Bots have no ceiling: what the realm gives counts.
    assert.equal(wordOf(ask(record("session"), want)), "good all");
    assert.equal(wordOf(ask(record("session"), notGiven)), "lacks");
  });

  it("while the database is lost, a lease that was live when it was last heard counts as live, and nothing else does", () => {
    const leased = record("task", { subject: task({ heldUntil: noon - 10 }) });
    assert.equal(wordOf(ask(leased)), "not_active state");
    assert.equal(wordOf(ask(leased, { knownUntil: noon - 11 })), "good all");
    assert.equal(wordOf(ask(leased, { knownUntil: noon - 10 })), "not_active state");
    const late = record("task", { subject: task({ heldUntil: noon - 10, deadline: noon }) });
    assert.equal(wordOf(ask(late, { knownUntil: noon - 11 })), "not_active state");
    const expired = record("task", { subject: task(), expiresAt: noon });
    assert.equal(wordOf(ask(expired, { knownUntil: noon - 11 })), "refused expired");
  });
});

describe("instants", () => {
  it("U55 what ends at an instant is over at that instant, and what begins then has begun", () => {
    const at = (changes: Partial<CredentialRecord>): string =>
      wordOf(ask(record("session", changes)));
    assert.equal(at({ expiresAt: noon }), "refused expired");
    assert.equal(at({ expiresAt: noon + 1 }), "good all");
    // credentials.md c.12: so far may the clock of the database have been set back since.
    assert.equal(at({ notBefore: noon + 60_000 }), "good all");
    assert.equal(at({ notBefore: noon + 60_001 }), "refused not_yet_valid");
  });

  it("tells the bearer of an expired token to stop if its task is over, and nothing if anything else is wrong", () => {
    const over = task({ state: "failed", deadline: noon - 2, reportUntil: noon });
    const expired = { subject: over, expiresAt: noon };
    assert.equal(wordOf(ask(record("task", expired))), "not_active expired");
    assert.equal(wordOf(ask(record("task", { ...expired, revokedAt: noon }))), "refused expired");
    assert.equal(wordOf(ask(record("task", { ...expired, audiences: ["x"] }))), "refused expired");
    assert.equal(wordOf(ask(record("task", { ...expired, generation: 1 }))), "refused expired");
    const gone = { ...expired, subject: { ...over, deleted: true } };
    assert.equal(wordOf(ask(record("task", gone))), "refused expired");
    const inquiry = { targetSubject: "task:t2" as never };
    assert.equal(wordOf(ask(record("task", expired), { inquiry })), "refused expired");
    assert.equal(wordOf(ask(record("task", { expiresAt: noon }))), "refused expired");
    assert.equal(wordOf(ask(record("session", { expiresAt: noon }))), "refused expired");
  });
});

describe("binding", () => {
  it("U49 refuses a credential of another generation, of another epoch if it is a session, and of a bot that is gone", () => {
    const of = (
      changes: Partial<CredentialRecord>,
      kind: "boot" | "session" | "resume" = "session",
    ) => wordOf(ask(record(kind, changes)));
    for (const generation of [1, 3]) assert.equal(of({ generation }), "refused generation");
    for (const epoch of [6n, 8n]) assert.equal(of({ epoch }), "refused epoch");
    assert.equal(of({ epoch: 0n }, "resume"), "good all");
    assert.equal(of({ epoch: 0n, subject: bot({ runnerState: "pending" }) }, "boot"), "good all");
    assert.equal(of({ subject: bot({ deleted: true }) }), "refused subject_gone");
  });

  it("U17 another subject than asked is told before anything of either", () => {
    const inquiry = { targetSubject: "task:t2" as never };
    for (const state of taskStates) {
      const verdict = ask(record("task", { subject: task({ state }) }), { inquiry });
      assert.equal(wordOf(verdict), "mismatch");
    }
    const deleted = record("session", { subject: bot({ deleted: true }) });
    assert.equal(wordOf(ask(deleted, { inquiry })), "mismatch");
    const own = { inquiry: { targetSubject: "task:t1" as never } };
    assert.equal(wordOf(ask(record("task"), own)), "good all");
  });

  it("a kind is good for its kind of subject alone", () => {
    assert.equal(wordOf(ask(record("task", { subject: bot() }))), "not_active state");
    assert.equal(wordOf(ask(record("session", { subject: task() }))), "refused state");
  });

  it("a token that was used is good only for who judges that by itself", () => {
    const used = record("resume", { usedAt: noon });
    assert.equal(wordOf(ask(used)), "refused used_up");
    assert.equal(wordOf(ask(used, { inquiry: { usedToo: true } })), "good all");
  });

  it("a token that was used is told of whatever the state of its bot is: somebody has a copy (U43)", () => {
    const inquiry = { usedToo: true };
    for (const instanceState of instanceStates) {
      const subject = bot({ runnerState: "unknown", instanceState });
      const used = record("resume", { usedAt: noon, subject });
      assert.equal(wordOf(ask(used, { inquiry })), "good all", instanceState);
      assert.equal(wordOf(ask(record("resume", { subject }), { inquiry })), "refused state");
    }
  });

  it("that it was used comes before what is wrong with its bot (c.7)", () => {
    const inquiry = { usedToo: true };
    for (const subject of [bot({ deleted: true }), bot({ generation: 9 }), bot({ realm: "a:b" })]) {
      const used = record("resume", { usedAt: noon, subject });
      assert.equal(wordOf(ask(used, { inquiry })), "refused used_up");
      assert.equal(wordOf(ask({ ...used, revokedAt: noon }, { inquiry })), "refused revoked");
    }
  });
});
