import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Client } from "pg";
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
import { DomainError } from "../../../src/domain/errors.ts";
import { openStorage, type Storage } from "../../../src/storage/database.ts";
import { readSubject } from "../../../src/storage/credential/subjects.ts";
import { maxConcurrent } from "../../../src/storage/credential/transaction.ts";
import { eventually } from "../../e2e/support/eventually.ts";
import { createPostgresDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { createWorld, provisioner, stranger, type World } from "../bot/world.ts";

/** How many call at once, on how many replicas: each has a pool of its own. */
const [callers, replicas] = [32, 4];

describe("at once, on several replicas", () => {
  const storages: Storage[] = [];
  let worlds: readonly World[] = [];
  let world: World;
  let url = "";
  /** Connections of the test's own: to hold locks with, and to look at those of others by. */
  let client: Client;
  let observer: Client;
  let remove = (): Promise<void> => Promise.resolve();

  before(async () => {
    const database = await createPostgresDatabase();
    ({ remove } = database);
    ({ url } = database.choice);
    for (let count = 0; count < replicas; count += 1) {
      storages.push(await openStorage(database.choice));
    }
    worlds = storages.map(createWorld);
    world = worlds[0] ?? assert.fail();
    client = new Client({ connectionString: url });
    observer = new Client({ connectionString: url });
    await client.connect();
    await observer.connect();
  });
  after(async () => {
    await client.end();
    await observer.end();
    for (const storage of storages) await storage.close();
    await remove();
  });

  /** Waits until so many connections to this database wait for a lock. */
  async function waiting(count: number): Promise<void> {
    await eventually(`${count} wait for a lock`, async () => {
      const { rows } = await observer.query<{ count: number }>(
        `select count(*)::int from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return (rows[0]?.count ?? 0) >= count;
    });
  }

  /** Calls from all replicas, which all wait for the bot before the first of them goes on. */
  async function atOnce<T>(
    uid: string,
    call: (of: World, index: number) => Promise<T>,
  ): Promise<{ readonly won: readonly T[]; readonly lost: readonly string[] }> {
    await client.query("begin");
    await client.query("select from subject where uid = $1 for update", [uid]);
    const calls = Array.from({ length: callers }, (_, index) =>
      call(worlds[index % replicas] ?? world, index),
    );
    const settled = Promise.allSettled(calls);
    // So many of each replica have a connection; the others wait for their turn.
    await waiting(maxConcurrent.ofPeer * replicas);
    await client.query("commit");
    const won: T[] = [];
    const lost: string[] = [];
    for (const outcome of await settled) {
      if (outcome.status === "fulfilled") won.push(outcome.value);
      else lost.push(reasonOf(outcome.reason));
    }
    return { won, lost };
  }

  function reasonOf(error: unknown): string {
    return error instanceof DomainError ? error.reason : String(error);
  }

  const fetchOn = async (of: World, token: string) =>
    fetchOnce(of.deps, of.snapshot, await world.by(token), { name: "reg", shown: undefined });
  const openOn = async (of: World, token: string) =>
    openSession(of.deps, of.snapshot, await world.by(token), { ttl: undefined, audiences: [] });
  const takeOverOn = async (of: World, token: string, nonce: string) =>
    takeOverSession(of.deps, of.snapshot, await world.by(token), { nonce, ttl: undefined });
  const requeueOn = (of: World, id: string) =>
    requeueBot(of.deps, of.snapshot, provisioner, { id, expectedGeneration: 1 });
  const nonceOf = (index: number): string => String(index).padStart(16, "0");

  /** Which of the sessions go on. */
  async function live(sessions: readonly NewSession[]): Promise<readonly NewSession[]> {
    const going: NewSession[] = [];
    const nothing = { id: "", runnerState: undefined, instanceState: undefined };
    const report = { ...nothing, agentId: 0n, expectedVersion: 0n };
    for (const session of sessions) {
      const told = setBotState(world.deps, world.snapshot, await world.by(session.token), report);
      await told.then(
        () => going.push(session),
        (error: unknown) => assert.equal(reasonOf(error), "CREDENTIAL_REQUIRED"),
      );
    }
    return going;
  }

  function allAre(reasons: readonly string[], count: number, reason: string): void {
    assert.deepEqual([...new Set(reasons)], [reason]);
    assert.equal(reasons.length, count);
  }

  it("32 fetches of one secret have one winner (G40, GH5)", async () => {
    const { id, uid, boot } = await world.running();
    const { won, lost } = await atOnce(uid, (of) => fetchOn(of, boot));
    assert.equal(won.length, 1);
    allAre(lost, callers - 1, "ALREADY_FETCHED");
    const { audit, events } = await world.history(uid, id);
    assert.equal(audit.filter((event) => event === "fetched").length, 1);
    assert.equal(events.length, 1);
  });

  it("32 opens give 32 epochs that rise, and one session that lives (GH4, U42)", async () => {
    const { uid, boot } = await world.running();
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
    const { id, uid, boot } = await world.running();
    const { resumeToken } = await openOn(world, boot);
    const { won, lost } = await atOnce(uid, (of, index) =>
      takeOverOn(of, resumeToken, nonceOf(index)),
    );
    assert.equal(won.length, 1);
    allAre(lost, callers - 1, "CREDENTIAL_REQUIRED");
    assert.deepEqual(await live(won), []);
    const { audit } = await world.history(uid, id);
    assert.equal(audit.filter((event) => event === "resume_replayed").length, 1);
    assert.equal((await live([await openOn(world, boot)])).length, 1);
  });

  it("32 take-overs with one nonce leave one session that lives (U48)", async () => {
    const { uid, boot } = await world.running();
    const { resumeToken } = await openOn(world, boot);
    const { won, lost } = await atOnce(uid, (of) => takeOverOn(of, resumeToken, nonceOf(0)));
    assert.deepEqual(lost, []);
    assert.equal(new Set(won.map(({ epoch }) => epoch)).size, callers);
    const going = await live(won);
    assert.deepEqual(
      going.map(({ epoch }) => epoch),
      [BigInt(callers + 1)],
    );
    const [last = assert.fail()] = going;
    assert.equal((await live([await takeOverOn(world, last.resumeToken, nonceOf(1))])).length, 1);
  });

  it("32 re-queues have one winner (G46, GH7)", async () => {
    const { id, uid } = await world.bot();
    await world.put(uid, "failed", "error");
    const { won, lost } = await atOnce(uid, (of) => requeueOn(of, id));
    assert.deepEqual(
      won.map(({ generation }) => generation),
      [2],
    );
    allAre(lost, callers - 1, "GENERATION_MOVED");
  });

  it("a re-queue beside fetches, opens and take-overs leaves nothing alive of the generation before (G27)", async () => {
    const { id, uid, boot } = await world.running();
    const { resumeToken } = await openOn(world, boot);
    const [fetcher, opener, taker] = [
      await world.by(boot),
      await world.by(boot),
      await world.by(resumeToken),
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
    await world.put(uid, "pending", "running");
    const row = await readSubject(world.storage.db, { uid });
    assert.deepEqual([row?.generation, row?.one_time], [2, {}]);
    assert.deepEqual(await live(sessions), []);
    const next = await world.boot(id, 2);
    assert.equal((await fetchOn(world, next)).reference, "vault/reg");
    assert.equal((await live([await openOn(world, next)])).length, 1);
  });

  it("who may not write to a bot does not wait for its lock, so a wait tells nothing and holds up nobody", async () => {
    const { id, uid, boot } = await world.running();
    const { deps, snapshot } = world;
    const shown = (await world.by(boot)).record;
    const byService = { name: "reg", shown };
    const { fetchId } = await fetchOnce(deps, snapshot, provisioner, byService);
    await client.query("begin");
    await client.query("select from subject where uid = $1 for update", [uid]);
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
    await client.query("commit");
  });

  describe("with a replica that is killed in the middle", () => {
    /**
     * Kills a process while it is inside its transaction, after it has written to the bot: the rows of its audit have to wait for
     * the test. Others call meanwhile, and go on when it is gone.
     */
    async function killed<T>(
      deed: string,
      bot: { readonly id: string; readonly token: string },
      call: (of: World, index: number) => Promise<T>,
    ): Promise<{ readonly won: readonly T[]; readonly lost: readonly string[] }> {
      await client.query("begin");
      await client.query("lock table credential_audit in access exclusive mode");
      const script = join(import.meta.dirname, "held-process.ts");
      const child = spawn(process.execPath, [script], {
        stdio: ["ignore", "ignore", "inherit"],
        env: { ...process.env, DATABASE_URL: url, DEED: deed, TOKEN: bot.token, BOT: bot.id },
      });
      const exited = once(child, "exit");
      await waiting(1);
      const calls = Array.from({ length: replicas }, (_, index) =>
        call(worlds[index] ?? world, index),
      );
      const settled = Promise.allSettled(calls);
      await waiting(1 + replicas);
      child.kill("SIGKILL");
      assert.deepEqual(await exited, [null, "SIGKILL"]);
      await client.query("commit");
      const won: T[] = [];
      const lost: string[] = [];
      for (const outcome of await settled) {
        if (outcome.status === "fulfilled") won.push(outcome.value);
        else lost.push(reasonOf(outcome.reason));
      }
      return { won, lost };
    }

    it("a fetch goes to one of those who are left", async () => {
      const { id, boot: token } = await world.running();
      const { won, lost } = await killed("fetch", { id, token }, (of) => fetchOn(of, token));
      assert.equal(won.length, 1);
      allAre(lost, replicas - 1, "ALREADY_FETCHED");
    });

    it("a session is opened by those who are left", async () => {
      const { id, boot: token } = await world.running();
      const { won, lost } = await killed("open", { id, token }, (of) => openOn(of, token));
      assert.deepEqual(lost, []);
      assert.deepEqual(
        won.map(({ epoch }) => Number(epoch)).sort((a, b) => a - b),
        [1, 2, 3, 4],
      );
      assert.equal((await live(won)).length, 1);
    });

    it("a resume token was not used up, and its owner takes over (U43)", async () => {
      const { id, boot } = await world.running();
      const { resumeToken: token } = await openOn(world, boot);
      // The owner of the killed call repeats it; nobody else has the token.
      const nonce = "k".repeat(16);
      const { won, lost } = await killed("takeOver", { id, token }, (of) =>
        takeOverOn(of, token, nonce),
      );
      assert.deepEqual(lost, []);
      assert.equal((await live(won)).length, 1);
    });

    it("a bot is queued again by one of those who are left", async () => {
      const { id, uid } = await world.bot();
      await world.put(uid, "failed", "error");
      const { won, lost } = await killed("requeue", { id, token: "" }, (of) => requeueOn(of, id));
      assert.deepEqual(
        won.map(({ generation }) => generation),
        [2],
      );
      allAre(lost, replicas - 1, "GENERATION_MOVED");
    });
  });
});
