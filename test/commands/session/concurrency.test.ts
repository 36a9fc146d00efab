import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deleteBot } from "../../../src/commands/bot/delete-bot.ts";
import { fetchOnce } from "../../../src/commands/bot/fetch-once.ts";
import { issueBootToken } from "../../../src/commands/bot/issue-boot-token.ts";
import { requeueBot } from "../../../src/commands/bot/requeue-bot.ts";
import { returnFetch } from "../../../src/commands/bot/return-fetch.ts";
import { setBotState } from "../../../src/commands/bot/set-bot-state.ts";
import { closeSession } from "../../../src/commands/session/close-session.ts";
import { openSession } from "../../../src/commands/session/open-session.ts";
import { takeOverSession } from "../../../src/commands/session/take-over-session.ts";
import type { NewSession } from "../../../src/commands/session/new-session.ts";
import { readSubject } from "../../../src/storage/credential/subjects.ts";
import { maxConcurrent } from "../../../src/storage/credential/transaction.ts";
import { hasReason } from "../../support/errors.ts";
import { provisioner, stranger, type World } from "../bot/world.ts";
import { allAre, outcomesOf, useReplicas, type Outcomes } from "./replicas.ts";

/** How many call at once, on how many replicas. */
const [callers, replicas] = [32, 4];

describe("at once, on several replicas", () => {
  const all = useReplicas(replicas);
  const { replica, world, hold, waiting, live } = all;
  const { fetchOn, openOn, takeOverOn, requeueOn } = all;
  const nonceOf = (index: number): string => String(index).padStart(16, "0");

  /** Calls from all replicas, which all wait for the bot before the first of them goes on. */
  async function atOnce<T>(
    uid: string,
    call: (of: World, index: number) => Promise<T>,
  ): Promise<Outcomes<T>> {
    await hold("begin");
    await hold("select from subject where uid = $1 for update", [uid]);
    const calls = Array.from({ length: callers }, (_, index) => call(replica(index), index));
    const settled = Promise.allSettled(calls);
    // So many of each replica have a connection, since nobody else writes; the others wait for their turn.
    await waiting((maxConcurrent.inAll - 1) * replicas);
    await hold("commit");
    return outcomesOf(settled);
  }

  it("32 fetches of one secret have one winner (G40, GH5)", async () => {
    const { id, uid, boot } = await world().running();
    const { won, lost } = await atOnce(uid, (of) => fetchOn(of, boot));
    assert.equal(won.length, 1);
    allAre(lost, callers - 1, "ALREADY_FETCHED");
    const { audit, events } = await world().history(uid, id);
    assert.equal(audit.filter((event) => event === "fetched").length, 1);
    assert.equal(events.length, 1);
  });

  it("32 opens give 32 epochs that rise, and one session that lives (GH4, U42)", async () => {
    const { uid, boot } = await world().running();
    const { won, lost } = await atOnce(uid, (of) => openOn(of, boot));
    assert.deepEqual(lost, []);
    const epochs = won.map(({ epoch }) => Number(epoch)).sort((a, b) => a - b);
    assert.deepEqual(
      epochs,
      Array.from({ length: callers }, (_, index) => index + 1),
    );
    const going = await live(won);
    assert.deepEqual(
      going.map(({ epoch }) => epoch),
      [BigInt(callers)],
    );
  });

  it("32 take-overs with nonces of their own give tokens to one; the others end the session (U43)", async () => {
    const { id, uid, boot } = await world().running();
    const { resumeToken } = await openOn(world(), boot);
    const { won, lost } = await atOnce(uid, (of, index) =>
      takeOverOn(of, resumeToken, nonceOf(index)),
    );
    assert.equal(won.length, 1);
    allAre(lost, callers - 1, "CREDENTIAL_REQUIRED");
    assert.deepEqual(await live(won), []);
    const { audit } = await world().history(uid, id);
    assert.equal(audit.filter((event) => event === "resume_replayed").length, 1);
    assert.equal((await live([await openOn(world(), boot)])).length, 1);
  });

  it("32 take-overs with one nonce leave one session that lives (U48)", async () => {
    const { uid, boot } = await world().running();
    const { resumeToken } = await openOn(world(), boot);
    const { won, lost } = await atOnce(uid, (of) => takeOverOn(of, resumeToken, nonceOf(0)));
    assert.deepEqual(lost, []);
    assert.equal(new Set(won.map(({ epoch }) => epoch)).size, callers);
    const going = await live(won);
    assert.deepEqual(
      going.map(({ epoch }) => epoch),
      [BigInt(callers + 1)],
    );
    const [last = assert.fail()] = going;
    assert.equal((await live([await takeOverOn(world(), last.resumeToken, nonceOf(1))])).length, 1);
  });

  it("32 re-queues have one winner (G46, GH7)", async () => {
    const { id, uid } = await world().bot();
    await world().put(uid, "failed", "error");
    const { won, lost } = await atOnce(uid, (of) => requeueOn(of, id));
    assert.deepEqual(
      won.map(({ generation }) => generation),
      [2],
    );
    allAre(lost, callers - 1, "GENERATION_MOVED");
  });

  it("a re-queue beside fetches, opens and take-overs leaves nothing alive of the generation before (G27)", async () => {
    const { id, uid, boot } = await world().running();
    const { resumeToken } = await openOn(world(), boot);
    const [fetcher, opener, taker] = [
      await world().by(boot),
      await world().by(boot),
      await world().by(resumeToken),
    ];
    const sessions: NewSession[] = [];
    await atOnce(uid, async ({ deps, snapshot }, index) => {
      if (index % 4 === 0) {
        return fetchOnce(deps, snapshot, fetcher, { name: "reg", shown: undefined });
      }
      if (index % 4 === 1) {
        const open = { ttl: undefined, audiences: [] };
        return sessions.push(await openSession(deps, snapshot, opener, open));
      }
      if (index % 4 === 2) {
        const input = { nonce: nonceOf(0), ttl: undefined };
        return sessions.push(await takeOverSession(deps, snapshot, taker, input));
      }
      // The machine breaks, and the bot is tried again.
      const broken = { id, runnerState: undefined, instanceState: "error" as const };
      await setBotState(deps, snapshot, provisioner, {
        ...{ ...broken, agentId: 0n, expectedVersion: 0n },
      });
      return requeueBot(deps, snapshot, provisioner, { id, expectedGeneration: 1 });
    });
    await world().put(uid, "pending", "running");
    const row = await readSubject(world().storage.db, { uid });
    assert.deepEqual([row?.generation, row?.one_time], [2, {}]);
    assert.deepEqual(await live(sessions), []);
    const next = await world().boot(id, 2);
    assert.equal((await fetchOn(world(), next)).reference, "vault/reg");
    assert.equal((await live([await openOn(world(), next)])).length, 1);
  });

  it("who may not write to a bot does not wait for its lock, so a wait tells nothing and holds up nobody", async () => {
    const { id, uid, boot } = await world().running();
    const { deps, snapshot } = world();
    const shown = (await world().by(boot)).record;
    const byService = { name: "reg", shown };
    const { fetchId } = await fetchOnce(deps, snapshot, provisioner, byService);
    await hold("begin");
    await hold("select from subject where uid = $1 for update", [uid]);
    const nothing = { id, runnerState: undefined, instanceState: undefined };
    const report = { ...nothing, agentId: 0n, expectedVersion: 0n };
    const boots = { id, generation: 1, ttl: undefined, audiences: [] };
    for (const forbidden of [
      () => setBotState(deps, snapshot, stranger, report),
      () => requeueBot(deps, snapshot, stranger, { id, expectedGeneration: 1 }),
      () => issueBootToken(deps, snapshot, stranger, boots),
      () => deleteBot(deps, snapshot, stranger, { id, uid: "" }),
      () => returnFetch(deps, snapshot, stranger, { fetchId }),
      () => closeSession(deps, snapshot, stranger, { botId: id }),
    ]) {
      await assert.rejects(forbidden(), hasReason("PERMISSION_REQUIRED"));
    }
    await hold("commit");
  });
});
