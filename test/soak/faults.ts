import { setTimeout } from "node:timers/promises";
import { Client } from "pg";
import type { PostgresServer } from "../support/postgres-server.ts";
import type { ReplicaProcess } from "./fleet.ts";

/** What a fault may break. */
export interface Target {
  readonly postgres: PostgresServer;
  /** The database itself, not by way of a proxy. */
  readonly databaseUrl: string;
  readonly replicas: readonly ReplicaProcess[];
  readonly random: () => number;
}

/** A fault that is made and mended again before it resolves. */
export interface Fault {
  readonly name: string;
  /** Whether it kills a process. */
  readonly kills: boolean;
  readonly run: (target: Target) => Promise<void>;
}

/** Every kind of fault. */
export const faults: readonly Fault[] = [
  {
    name: "kill -9 of a replica",
    kills: true,
    run: async (target) => {
      const replica = pick(target);
      await replica.kill();
      await pause(target, 500);
      await replica.start();
    },
  },
  {
    name: "kill -9 of Postgres",
    kills: true,
    run: async (target) => {
      await target.postgres.stop("SIGKILL");
      await pause(target, 1500);
      await target.postgres.start();
    },
  },
  {
    name: "kill -9 of a replica while Postgres is killed",
    kills: true,
    run: async (target) => {
      const replica = pick(target);
      await target.postgres.stop("SIGKILL");
      await replica.kill();
      // It begins with the snapshot that it kept.
      await replica.start();
      await target.postgres.start();
    },
  },
  {
    name: "cut connections",
    kills: false,
    run: async (target) => {
      for (const { proxy } of target.replicas) proxy.cut();
      await pause(target, 300);
    },
  },
  {
    name: "half-open connections of a replica",
    kills: false,
    run: async (target) => {
      const { proxy } = pick(target);
      proxy.drop();
      await pause(target, 1500);
      proxy.restore();
    },
  },
  {
    name: "slow connections of a replica",
    kills: false,
    run: async (target) => {
      const { proxy } = pick(target);
      proxy.delay(150);
      await pause(target, 1000);
      proxy.restore();
    },
  },
  {
    name: "notifications that are late, doubled, out of order and of nothing",
    kills: false,
    run: async (target) => {
      const { proxy } = pick(target);
      proxy.hold();
      await onDatabase(target, async (client) => {
        for (const text of ["1", "99999999", "not a revision", "", "1", "1"]) {
          await client.query("select pg_notify('fleetgate_revision', $1)", [text]);
        }
      });
      await pause(target, 500);
      proxy.restore();
    },
  },
  {
    name: "the end of all sessions that listen",
    kills: false,
    run: async (target) => {
      await onDatabase(target, async (client) => {
        await client.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%'",
        );
      });
      await pause(target, 300);
    },
  },
];

async function pause({ random }: Target, ms: number): Promise<void> {
  await setTimeout(ms * (0.5 + random()));
}

function pick({ replicas, random }: Target): ReplicaProcess {
  const replica = replicas[Math.floor(random() * replicas.length)];
  if (replica === undefined) throw new Error("there are no replicas");
  return replica;
}

async function onDatabase(
  { databaseUrl }: Target,
  use: (client: Client) => Promise<void>,
): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}
