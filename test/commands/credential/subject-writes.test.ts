import assert from "node:assert/strict";
import { afterEach, before, beforeEach, describe, it, mock } from "node:test";
import type { Actor } from "../../../src/credentials/deps.ts";
import {
  requireAllowance,
  subjectWrites,
} from "../../../src/commands/credential/require-allowance.ts";
import { fetchOnce } from "../../../src/commands/bot/fetch-once.ts";
import { issueBootToken } from "../../../src/commands/bot/issue-boot-token.ts";
import { setBotState } from "../../../src/commands/bot/set-bot-state.ts";
import { openSession } from "../../../src/commands/session/open-session.ts";
import { takeOverSession } from "../../../src/commands/session/take-over-session.ts";
import { useDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { createWorld, provisioner, type World } from "../bot/world.ts";
import { host1, host2, openTasks } from "../task/support.ts";

const tooOften = hasReason("LIMIT_EXCEEDED", { limit: "subject_writes" });

describe("writes that leave rows", () => {
  const open = useDatabase();
  let world: World;
  let now = 0;
  before(async () => {
    world = createWorld(await open());
  });
  // The clock stands still, so that nobody is allowed more meanwhile.
  beforeEach(() => void mock.method(performance, "now", () => now));
  afterEach(() => mock.restoreAll());

  /** Has an actor use up what it may write about a subject. */
  function useUp(who: Actor, uid: string): void {
    for (let count = 0; count < subjectWrites.atOnce; count += 1) {
      requireAllowance(world.storage, who, uid);
    }
  }
  // What it did until now counts as well.
  function useUpRest(who: Actor, uid: string): void {
    assert.throws(() => useUp(who, uid), tooOften);
  }
  const flip = (who: Actor, id: string, runnerState: "idle" | "active" | undefined) =>
    setBotState(world.deps, world.snapshot, who, {
      ...{ id, runnerState, instanceState: undefined, agentId: 0n, expectedVersion: 0n },
    });

  it("are bounded for the bearer of a bot's tokens, all of them together, until time has passed", async () => {
    const { deps, snapshot } = world;
    const { uid, id, boot } = await world.running();
    const first = await world.open(boot);
    const [byBoot, bySession, byResume] = [
      await world.by(boot),
      await world.by(first.token),
      await world.by(first.resumeToken),
    ];
    useUpRest(bySession, uid);
    const rows = await world.history(uid, id);
    const session = { ttl: undefined, audiences: [] };
    for (const write of [
      () => openSession(deps, snapshot, byBoot, session),
      () => fetchOnce(deps, snapshot, byBoot, { name: "reg", shown: undefined }),
      () => takeOverSession(deps, snapshot, byResume, { nonce: "n".repeat(16), ttl: undefined }),
      () => flip(bySession, "", "idle"),
    ]) {
      await assert.rejects(write(), tooOften);
    }
    assert.deepEqual(await world.history(uid, id), rows, "nothing was written");
    assert.equal(
      (await flip(bySession, "", undefined)).id,
      id,
      "what changes nothing leaves no row",
    );
    now += 1000 / subjectWrites.perSecond;
    assert.equal((await flip(bySession, "", "idle")).runnerState, "idle");
    await assert.rejects(flip(bySession, "", "active"), tooOften);
    assert.equal((await flip(provisioner, id, "active")).runnerState, "active", "others go on");
  });

  it("are bounded for who manages a bot, for this bot", async () => {
    const { deps, snapshot } = world;
    const [one, other] = [await world.bot(), await world.bot()];
    useUp(provisioner, one.uid);
    const issue = (id: string) =>
      issueBootToken(deps, snapshot, provisioner, {
        ...{ id, generation: 1, ttl: undefined, audiences: [] },
      });
    await assert.rejects(issue(one.id), tooOften);
    assert.ok((await issue(other.id)).token);
  });

  it("are bounded for who registers one task again and again; other tasks and hosts go on", async () => {
    const tasks = openTasks(world.storage);
    const { task } = await tasks.register(host1);
    useUpRest(host1, task.uid);
    await assert.rejects(tasks.register(host1, { taskId: task.id }), tooOften);
    assert.equal((await tasks.register(host2, { taskId: task.id })).task.holds, 2);
    await tasks.register(host1);
  });
});
