import assert from "node:assert/strict";
import { after, before } from "node:test";
import { Client } from "pg";
import { fetchOnce } from "../../../src/commands/bot/fetch-once.ts";
import { requeueBot } from "../../../src/commands/bot/requeue-bot.ts";
import { setBotState } from "../../../src/commands/bot/set-bot-state.ts";
import { openSession } from "../../../src/commands/session/open-session.ts";
import { takeOverSession } from "../../../src/commands/session/take-over-session.ts";
import type { NewSession } from "../../../src/commands/session/new-session.ts";
import { DomainError } from "../../../src/domain/errors.ts";
import { openStorage, type Storage } from "../../../src/storage/database.ts";
import { eventually } from "../../e2e/support/eventually.ts";
import { createPostgresDatabase } from "../../support/database.ts";
import { createWorld, provisioner, type World } from "../bot/world.ts";

/** What many calls at once came to: what the good ones gave, and the reasons of the others. */
export interface Outcomes<T> {
  readonly won: readonly T[];
  readonly lost: readonly string[];
}

/** Several replicas on one Postgres for a suite, each with a pool of its own. They are open in its tests. */
export function useReplicas(count: number) {
  const worlds: World[] = [];
  let url = "";
  /** Connections of the test's own: to hold locks with, and to look at those of others by. */
  let client: Client | undefined;
  let observer: Client | undefined;

  const undo: (() => Promise<unknown>)[] = [];
  before(async () => {
    const database = await createPostgresDatabase();
    undo.push(database.remove);
    ({ url } = database.choice);
    const storages: Storage[] = [];
    for (let opened = 0; opened < count; opened += 1) {
      const storage = await openStorage(database.choice);
      undo.push(storage.close);
      storages.push(storage);
    }
    worlds.push(...storages.map(createWorld));
    const connect = async (): Promise<Client> => {
      const made = new Client({ connectionString: url });
      await made.connect();
      undo.push(() => made.end());
      return made;
    };
    client = await connect();
    observer = await connect();
  });
  after(async () => {
    for (const step of undo.toReversed()) await step();
  });

  const replica = (index: number): World => worlds[index % count] ?? assert.fail();
  const world = (): World => replica(0);

  return {
    url: () => url,
    replica,
    world,
    /** Runs a statement on a connection that holds locks until it commits. */
    hold: async (text: string, values: readonly unknown[] = []): Promise<void> => {
      await client?.query(text, [...values]);
    },
    /** Waits until so many connections to this database wait for a lock. */
    waiting: async (least: number): Promise<void> => {
      await eventually(`${least} wait for a lock`, async () => {
        const found = await observer?.query<{ count: number }>(
          `select count(*)::int from pg_stat_activity
           where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return (found?.rows[0]?.count ?? 0) >= least;
      });
    },
    fetchOn: async (of: World, token: string) =>
      fetchOnce(of.deps, of.snapshot, await world().by(token), { name: "reg", shown: undefined }),
    openOn: async (of: World, token: string) =>
      openSession(of.deps, of.snapshot, await world().by(token), { ttl: undefined, audiences: [] }),
    takeOverOn: async (of: World, token: string, nonce: string) =>
      takeOverSession(of.deps, of.snapshot, await world().by(token), { nonce, ttl: undefined }),
    requeueOn: (of: World, id: string) =>
      requeueBot(of.deps, of.snapshot, provisioner, { id, expectedGeneration: 1 }),
    /** Which of the sessions go on. */
    live: async (sessions: readonly NewSession[]): Promise<readonly NewSession[]> => {
      const { deps, snapshot, by } = world();
      const going: NewSession[] = [];
      const nothing = { id: "", runnerState: undefined, instanceState: undefined };
      const report = { ...nothing, agentId: 0n, expectedVersion: 0n };
      for (const session of sessions) {
        await setBotState(deps, snapshot, await by(session.token), report).then(
          () => going.push(session),
          (error: unknown) => assert.equal(reasonOf(error), "CREDENTIAL_REQUIRED"),
        );
      }
      return going;
    },
  };
}

/** Sorts what calls came to. */
export async function outcomesOf<T>(
  settled: Promise<readonly PromiseSettledResult<T>[]>,
): Promise<Outcomes<T>> {
  const won: T[] = [];
  const lost: string[] = [];
  for (const outcome of await settled) {
    if (outcome.status === "fulfilled") won.push(outcome.value);
    else lost.push(reasonOf(outcome.reason));
  }
  return { won, lost };
}

/** Checks that there are so many, all of one reason. */
export function allAre(reasons: readonly string[], count: number, reason: string): void {
  assert.deepEqual([...new Set(reasons)], [reason]);
  assert.equal(reasons.length, count);
}

function reasonOf(error: unknown): string {
  return error instanceof DomainError ? error.reason : String(error);
}
