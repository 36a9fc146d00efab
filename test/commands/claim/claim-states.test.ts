import assert from "node:assert/strict";
import { before, it } from "node:test";
import {
  claimEvents,
  claimStates,
  claimSteps,
  type ClaimEvent,
  type ClaimState,
} from "../../../src/domain/credential/claim-states.ts";
import { endOverdue } from "../../../src/commands/task/end-overdue.ts";
import { DomainError } from "../../../src/domain/errors.ts";
import { onPostgres } from "../../support/database.ts";
import { host1 } from "../task/support.ts";
import { newNonce, openClaims, type TestClaims } from "./support.ts";

// Written from the reference: C14 C15 C18 C19 C21 C28, CH3 CH7 CH14, U44 to U48. Of each state what comes of each event, in their order: present,
// present_wrong, present_again, extend, supersede, cancel, executor_error, executor_exit, deadline.
const rule: Readonly<Record<ClaimState, string>> = {
  pending: "claimed refused claimed stays superseded canceled failed failed expired",
  claimed: "refused refused stays illegal illegal illegal moot moot moot",
  expired: "refused refused refused illegal illegal illegal moot moot moot",
  canceled: "refused refused refused illegal illegal moot moot moot moot",
  failed: "refused refused refused illegal illegal illegal moot moot moot",
  superseded: "refused refused refused illegal illegal illegal moot moot moot",
};

// Of what came of an event: as what it is counted, and what the audit has of it. What is refused the audit has by the minute.
const booked: Readonly<Record<string, readonly [counted: string, ...audit: string[]]>> = {
  claimed: ["claimed", "issued task", "claimed", "registered"],
  "stays, present_again": ["repeated", "revoked replaced", "issued task"],
  "stays, extend": ["", "claim_extended"],
  superseded: ["opened superseded", "claim_ended superseded", "issued claim"],
  canceled: ["canceled", "claim_ended canceled"],
  failed: ["failed", "claim_ended failed"],
  expired: ["expired", "claim_ended expired"],
  "refused, present_wrong": ["wrong_job"],
  "refused, present, claimed": ["conflict"],
  refused: ["over"],
  moot: [""],
  illegal: [""],
};

onPostgres((_, open) => {
  let claims: TestClaims;
  before(async () => {
    claims = openClaims(await open());
  });

  it("has the table of the reference", () => {
    for (const state of claimStates) {
      const row = claimEvents.map((event) => claimSteps[state][event]);
      assert.equal(row.join(" "), rule[state], state);
    }
  });

  /** What happened was counted as, since it was `before`. */
  const countedSince = (before: ReturnType<TestClaims["book"]["read"]>["outcomes"]): string =>
    Object.entries(claims.book.read().outcomes)
      .flatMap(([name, count]) =>
        Array<string>(count - before[name as keyof typeof before]).fill(name),
      )
      .join(" ");

  it("C21 U45 U71 U72 is what the commands do, count and note: every event in every state", async () => {
    for (const state of claimStates) {
      for (const event of claimEvents) {
        const { claim, token } = await claims.open(host1);
        const { uid, jobId } = claim;
        const nonce = newNonce();
        const into: Readonly<Record<ClaimState, () => Promise<unknown>>> = {
          pending: () => Promise.resolve(),
          claimed: () => claims.present(token, jobId, nonce),
          expired: async () => (await claims.pass(uid, 600_000), await claims.get(host1, uid)),
          canceled: () => claims.cancel(host1, uid),
          failed: () => claims.report(host1, uid, "no"),
          superseded: () => claims.supersede(host1, uid),
        };
        await into[state]();
        const before = await claims.get(host1, uid);
        let heard = 0;
        const stop = claims.book.listen(() => (heard += 1));
        const [{ outcomes }, { length: noted }] = [claims.book.read(), await claims.audit(jobId)];
        const deeds: Readonly<Record<ClaimEvent, () => Promise<unknown>>> = {
          present: () => claims.present(token, jobId),
          present_wrong: () => claims.present(token, "another-job"),
          present_again: () => claims.present(token, jobId, nonce),
          extend: () => claims.extend(host1, uid),
          supersede: () => claims.supersede(host1, uid),
          cancel: () => claims.cancel(host1, uid),
          executor_error: () => claims.report(host1, uid, "no"),
          executor_exit: () => claims.report(host1, uid),
          deadline: async () => {
            if (state === "pending") await claims.pass(uid, 600_000);
            await endOverdue(claims.deps);
          },
        };
        const reason = await deeds[event]().then(
          () => "",
          (error: unknown) => (error instanceof DomainError ? error.reason : String(error)),
        );
        stop();
        const after = await claims.get(host1, uid);
        // Who watches in this process looks at once.
        assert.equal(heard > 0, after.version !== before.version, `${event} when ${state}`);
        const step = claimSteps[state][event];
        const where = `${event} when ${state}`;
        const reasons: Partial<Record<typeof step, string>> = {
          refused: "CREDENTIAL_REQUIRED",
          illegal: "ILLEGAL_TRANSITION",
        };
        assert.equal(reason, reasons[step] ?? "", where);
        const to = ["stays", "moot", "refused", "illegal"].includes(step) ? state : step;
        assert.equal(after.state, to, where);
        if (step === "moot" || step === "illegal" || step === "refused") {
          assert.deepEqual(after, before, where);
        }
        const keys = [`${step}, ${event}, ${state}`, `${step}, ${event}`, step];
        const [counted, ...audit] = keys.map((key) => booked[key]).find(Boolean) ?? assert.fail();
        assert.equal(countedSince(outcomes), counted, where);
        assert.deepEqual((await claims.audit(jobId)).slice(noted), audit, where);
      }
    }
  });
});
