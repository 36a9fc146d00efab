import assert from "node:assert/strict";
import { afterEach, before, beforeEach, describe, it, mock } from "node:test";
import type { Actor } from "../../../src/credentials/deps.ts";
import {
  requireAllowance,
  subjectWrites,
} from "../../../src/commands/credential/require-allowance.ts";
import { writerOf } from "../../../src/commands/credential/writer-of.ts";
import { fetchOnce } from "../../../src/commands/bot/fetch-once.ts";
import { issueBootToken } from "../../../src/commands/bot/issue-boot-token.ts";
import { setBotState } from "../../../src/commands/bot/set-bot-state.ts";
import { openSession } from "../../../src/commands/session/open-session.ts";
import { takeOverSession } from "../../../src/commands/session/take-over-session.ts";
import { useDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { actor, createWorld, provisioner, type World } from "../bot/world.ts";
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

  it("are bounded for each kind of a bot's tokens, until time has passed; a thief of one keeps the others from nothing", async () => {
    const { deps, snapshot } = world;
    const { uid, id, boot } = await world.running();
    const byBoot = await world.by(boot);
    const session = { ttl: undefined, audiences: [] };
    const fetch = (name: string) => fetchOnce(deps, snapshot, byBoot, { name, shown: undefined });
    useUp(await world.by((await world.open(boot)).token), uid);
    await fetch("reg");
    const opened = await openSession(deps, snapshot, byBoot, session);
    const [bySession, byResume] = [
      await world.by(opened.token),
      await world.by(opened.resumeToken),
    ];
    const rows = await world.history(uid, id);
    await assert.rejects(flip(bySession, "", "idle"), tooOften);
    assert.deepEqual(await world.history(uid, id), rows, "nothing was written");
    const nothing = await flip(bySession, "", undefined);
    assert.equal(nothing.id, id, "what changes nothing leaves no row");
    now += 1000 / subjectWrites.perSecond;
    assert.equal((await flip(bySession, "", "idle")).runnerState, "idle");
    await assert.rejects(flip(bySession, "", "active"), tooOften);
    assert.equal((await flip(provisioner, id, "active")).runnerState, "active", "others go on");

    await world.put(uid, "pending", "running");
    useUpRest(byBoot, uid);
    await assert.rejects(openSession(deps, snapshot, byBoot, session), tooOften);
    await assert.rejects(fetch("jit"), tooOften);
    const takeOver = () =>
      takeOverSession(deps, snapshot, byResume, { nonce: "n".repeat(16), ttl: undefined });
    await takeOver();
    useUpRest(byResume, uid);
    await assert.rejects(takeOver(), tooOften);
  });

  it("wait in one line for each kind of a bot's tokens, and in one for all others of an identity", async () => {
    const { boot } = await world.running();
    const first = await world.open(boot);
    const tokens = [boot, first.token, first.resumeToken, (await world.open(boot)).token];
    const lines = [];
    for (const token of tokens) lines.push(writerOf(await world.by(token)).peer);
    assert.equal(new Set(lines).size, 3);
    assert.equal(lines[1], lines[3], "two sessions, one after another");
    assert.deepEqual(writerOf(actor("user:A@example.com")), writerOf(actor("user:a@example.com")));
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
