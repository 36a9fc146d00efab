import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CliError } from "../../../src/cli/cli-error.ts";
import { exitCodes } from "../../../src/cli/exit-code.ts";
import { keepLease } from "../../../src/cli/gate/keep-lease.ts";

const away = new CliError("away", { exitCode: exitCodes.failed, reason: "STORAGE_UNAVAILABLE" });
const gone = new CliError("gone", { exitCode: exitCodes.failed, reason: "NOT_FOUND" });

/** Keeps a lease until there are no more answers, with a clock that runs only where it is waited. */
async function keep(answers: readonly (CliError | undefined)[], callMs = 0): Promise<string[]> {
  const told: string[] = [];
  const over = new AbortController();
  let now = 0;
  const left = [...answers];
  const call = (name: string) => async (): Promise<void> => {
    await Promise.resolve();
    told.push(`${now / 1000} ${name}`);
    now += callMs;
    const answer = left.shift();
    if (left.length === 0) over.abort();
    if (answer !== undefined) throw answer;
  };
  await keepLease(
    { renew: call("renew"), acquire: call("acquire") },
    {
      onFailure: () => told.push("failure"),
      onLost: () => told.push("lost"),
      onRegained: () => told.push("regained"),
    },
    {
      now: () => now,
      sleep: (ms) => {
        now += ms;
        return Promise.resolve();
      },
    },
    0,
    over.signal,
  );
  return told;
}

describe("keeping a lease", () => {
  it("renews it every 20 seconds, a third of it (LH3)", async () => {
    assert.deepEqual(await keep(Array.from({ length: 4 }, () => undefined)), [
      ...["20 renew", "40 renew", "60 renew", "80 renew"],
    ]);
  });

  it("tries again soon when a renewal fails, and says so once", async () => {
    assert.deepEqual(await keep([undefined, away, away, undefined, away, undefined]), [
      ...["20 renew", "40 renew", "failure", "42 renew", "44 renew"],
      ...["64 renew", "failure", "66 renew"],
    ]);
  });

  it("says that it is lost when the server says so, and acquires it anew", async () => {
    assert.deepEqual(await keep([gone, away, undefined, undefined]), [
      ...["20 renew", "lost", "22 acquire", "24 acquire", "regained", "44 renew"],
    ]);
  });

  it("says that it is lost when its time is over since it was last asked for, however long answers take", async () => {
    // Renewed by what was sent at 20 s; then nothing is heard for 60 s.
    const told = await keep([undefined, ...Array.from({ length: 8 }, () => away)], 10_000);
    assert.deepEqual(told, [
      ...["20 renew", "50 renew", "failure", "62 renew", "74 renew", "lost"],
      ...["86 acquire", "98 acquire", "110 acquire", "122 acquire", "134 acquire"],
    ]);
  });
});
