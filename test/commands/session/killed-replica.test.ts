import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { World } from "../bot/world.ts";
import { allAre, outcomesOf, useReplicas, type Outcomes } from "./replicas.ts";

const replicas = 4;

describe("with a replica that is killed in the middle", () => {
  const all = useReplicas(replicas);
  const { url, replica, world, hold, waiting, live } = all;
  const { fetchOn, openOn, takeOverOn, requeueOn } = all;

  /**
   * Kills a process while it is inside its transaction, after it has written to the bot: the rows of its audit have to wait for
   * the test. Others call meanwhile, and go on when it is gone.
   */
  async function killed<T>(
    deed: string,
    bot: { readonly id: string; readonly token: string },
    call: (of: World, index: number) => Promise<T>,
  ): Promise<Outcomes<T>> {
    await hold("begin");
    await hold("lock table credential_audit in access exclusive mode");
    const script = join(import.meta.dirname, "held-process.ts");
    const child = spawn(process.execPath, [script], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DATABASE_URL: url(), DEED: deed, TOKEN: bot.token, BOT: bot.id },
    });
    const exited = once(child, "exit");
    await waiting(1);
    const calls = Array.from({ length: replicas }, (_, index) => call(replica(index), index));
    const settled = Promise.allSettled(calls);
    await waiting(1 + replicas);
    child.kill("SIGKILL");
    assert.deepEqual(await exited, [null, "SIGKILL"]);
    await hold("commit");
    return outcomesOf(settled);
  }

  it("a fetch goes to one of those who are left", async () => {
    const { id, boot: token } = await world().running();
    const { won, lost } = await killed("fetch", { id, token }, (of) => fetchOn(of, token));
    assert.equal(won.length, 1);
    allAre(lost, replicas - 1, "ALREADY_FETCHED");
  });

  it("a session is opened by those who are left", async () => {
    const { id, boot: token } = await world().running();
    const { won, lost } = await killed("open", { id, token }, (of) => openOn(of, token));
    assert.deepEqual(lost, []);
    assert.deepEqual(
      won.map(({ epoch }) => Number(epoch)).sort((a, b) => a - b),
      [1, 2, 3, 4],
    );
    assert.equal((await live(won)).length, 1);
  });

  it("a resume token was not used up, and its owner takes over (U43)", async () => {
    const { id, boot } = await world().running();
    const { resumeToken: token } = await openOn(world(), boot);
    // The owner of the killed call repeats it; nobody else has the token.
    const nonce = "k".repeat(16);
    const { won, lost } = await killed("takeOver", { id, token }, (of) =>
      takeOverOn(of, token, nonce),
    );
    assert.deepEqual(lost, []);
    assert.equal((await live(won)).length, 1);
  });

  it("a bot is queued again by one of those who are left", async () => {
    const { id, uid } = await world().bot();
    await world().put(uid, "failed", "error");
    const { won, lost } = await killed("requeue", { id, token: "" }, (of) => requeueOn(of, id));
    assert.deepEqual(
      won.map(({ generation }) => generation),
      [2],
    );
    allAre(lost, replicas - 1, "GENERATION_MOVED");
  });
});
