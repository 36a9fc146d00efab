import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Client } from "pg";
import { bootstrapKey } from "../../src/commands/bootstrap-key.ts";
import { createFleetgate } from "../../src/client/node/index.ts";
import { openStorage } from "../../src/storage/database.ts";
import { migrate } from "../../src/storage/migrate.ts";
import { randomBytes } from "node:crypto";
import { createRandom } from "../replica/support/random-changes.ts";
import { startPostgres, type PostgresServer } from "../support/postgres-server.ts";
import { createFacts } from "./facts.ts";
import { faults } from "./faults.ts";
import { createReplicaProcess } from "./fleet.ts";
import {
  checkUntilAnswered,
  runChecker,
  runPlainChecker,
  runWriter,
  type Counts,
  type Load,
} from "./load.ts";

/** How a soak goes. */
export interface SoakOptions {
  /** How many processes are killed; other faults come between. */
  readonly kills: number;
  readonly notify: boolean;
  readonly seed: number;
  readonly onProgress?: (line: string) => void;
  /** Told of each thing that must not be, as soon as it is. */
  readonly onFault?: (text: string) => void;
}

/** What a soak came to. */
export interface SoakResult extends Omit<Counts, "addFault"> {
  readonly kills: number;
  readonly faultsMade: number;
}

const constant = "user:constant@example.com";
const groups = ["soak-a", "soak-b", "soak-c"];

/** The configuration: whoever is in a group of the soak may submit tasks to one pool. */
const configuration = `
settings: { delegations: [{ group: administrators }] }
projects:
  - name: soak
    realms:
      - name: pool
        bindings:
          - role: role/swarming.poolUser
            principals: [${groups.map((group) => `"group:${group}"`).join(", ")}, "${constant}"]
pools: [{ name: soak, realm: soak:pool }]
`;

/**
 * Kills, delays and doubles what there is to kill, delay and double, while writers and checkers go on at three replicas
 * on one Postgres. Whatever must not be is among `faults` of the result: an answer older than its token, an
 * acknowledged write that is missing, a plain check that failed, a log whose chain does not hold.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const undo: (() => Promise<void> | void)[] = [];
  try {
    return await runSoak(options, (step) => undo.push(step));
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

async function runSoak(
  { kills, notify, seed, onProgress = () => {}, onFault = () => {} }: SoakOptions,
  atEnd: (step: () => Promise<void> | void) => void,
): Promise<SoakResult> {
  const random = createRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), "fleetgate-soak-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const postgres = await startPostgres({ durable: true });
  atEnd(() => postgres.remove());
  const { databaseUrl, token } = await prepare(postgres);
  const replicas = await Promise.all(
    ["one", "two", "three"].map((name) =>
      createReplicaProcess({ databaseUrl, token, folder, name, notify }),
    ),
  );
  for (const replica of replicas) atEnd(replica.close);
  await Promise.all(replicas.map((replica) => replica.start()));
  const anywhere = createFleetgate({
    endpoints: replicas.map(({ url }) => url),
    key: () => token,
    carryRevision: false,
  });
  atEnd(() => anywhere.close());
  const [first] = replicas;
  if (first === undefined) throw new Error("there are no replicas");
  const text = { case: "text", value: configuration } as const;
  for (const name of groups) await first.clients.groups.createGroup({ group: { name } });
  const applied = await first.clients.config.apply({ files: [{ path: "soak", content: text }] });

  const faultTexts: string[] = [];
  const counts: Counts = {
    writes: 0,
    repeats: new Map(),
    checks: 0,
    notFresh: 0,
    plain: 0,
    faults: faultTexts,
    addFault: (text) => {
      faultTexts.push(text);
      onFault(text);
    },
  };
  let stopped = false;
  const facts = createFacts();
  const load: Load = { replicas, anywhere, facts, counts, random, stopped: () => stopped };
  for (const { clients } of replicas) {
    await checkUntilAnswered(load, clients, constant, applied.revisionToken);
  }
  // A snapshot file may be some seconds behind. One from before the configuration would be true to its time, but its
  // answers to plain checks would say nothing of what is written from here on.
  for (const replica of replicas) {
    await replica.stop();
    await replica.start();
  }
  const running = [
    ...groups.map((group) => runWriter(load, group)),
    ...Array.from({ length: 4 }, () => runChecker(load)),
    ...Array.from({ length: 2 }, () => runPlainChecker(load, constant)),
  ];
  const failed = Promise.all(running).then(() => new Promise<never>(() => {}));
  failed.catch(() => undefined);

  const target = { postgres, databaseUrl, replicas, random };
  const killing = faults.filter((fault) => fault.kills);
  const breaking = faults.filter((fault) => !fault.kills);
  let killed = 0;
  let made = 0;
  while (killed < kills) {
    // A kill and something else, by turns.
    const kind = made % 2 === 0 ? killing : breaking;
    const fault = kind[Math.floor(made / 2) % kind.length];
    if (fault === undefined) throw new Error("there are no faults");
    made += 1;
    await Promise.race([fault.run(target), failed]);
    killed += fault.kills ? 1 : 0;
    onProgress(
      `${made}: ${fault.name}; ${counts.writes} writes, ${counts.checks} checks, ` +
        `${counts.plain} plain checks, ${counts.faults.length} faults`,
    );
    await setTimeout(200 * random());
  }
  stopped = true;
  await Promise.all(running);
  await compareAll(load);
  const verified = await first.clients.changes.verifyChanges({});
  for (const { revision, message } of verified.faults) {
    counts.addFault(`the chain of changes at ${revision}: ${message}`);
  }
  const { writes, repeats, checks, notFresh, plain } = counts;
  const done = { writes, repeats, checks, notFresh, plain };
  return { ...done, faults: counts.faults, kills: killed, faultsMade: made };
}

/** Every acknowledged write is there, at every replica. */
async function compareAll(load: Load): Promise<void> {
  const newest = load.facts.all.findLast((fact) => fact.versions.length > 1);
  for (const { clients } of load.replicas) {
    for (const { identity, versions } of load.facts.all) {
      const last = versions.at(-1);
      const token = last?.token ?? newest?.versions.at(-1)?.token;
      const member = await checkUntilAnswered(load, clients, identity, token);
      if (member !== (last?.member ?? false)) load.counts.addFault(`${identity}: a write is lost`);
    }
  }
}

async function prepare(
  postgres: PostgresServer,
): Promise<{ readonly databaseUrl: string; readonly token: string }> {
  const admin = new Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query("create database soak");
  await admin.end();
  const url = new URL(postgres.url);
  url.pathname = "/soak";
  const storage = await openStorage({ kind: "postgres", url: url.href });
  try {
    await migrate(storage);
    const { token } = await bootstrapKey(
      { storage, clock: () => new Date(), randomBytes },
      {
        identity: "user:root@example.com",
        description: "",
        ttlSeconds: undefined,
        noExpiry: false,
        breakGlass: false,
        reason: "soak",
      },
    );
    return { databaseUrl: url.href, token };
  } finally {
    await storage.close();
  }
}
