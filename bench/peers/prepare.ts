import type { Child, ChildOptions } from "../children.ts";
import { fillDatabase, keepStill, settleDown, type FilledDatabase } from "./databases.ts";
import type { WorldSpec, WorldWork } from "./messages.ts";
import { scales, type PeersPlan, type Scale } from "./plan.ts";

/** What has to be there before servers can start. */
export interface Prepared {
  readonly works: ReadonlyMap<Scale, WorldWork>;
  readonly databases: ReadonlyMap<Scale, FilledDatabase>;
  /** Worlds in which checks are measured in the process. */
  readonly engines: ReadonlyMap<Scale, Child>;
}

/** What to prepare, and with what. */
export interface PrepareOptions {
  readonly plan: PeersPlan;
  readonly seed: number;
  readonly say: (text: string) => void;
  /** Starts a process that is ended when everything is. */
  readonly start: (script: string, options: ChildOptions) => Child;
  readonly serverUrl: string;
  readonly withDatabase: ReadonlySet<Scale>;
  /** The sizes that requests are made for, and those that checks in the process are measured at. */
  readonly asked: ReadonlySet<Scale>;
  readonly engines: ReadonlySet<Scale>;
  readonly policyFolder: (scale: Scale) => string;
}

const answerMs = 240_000;

/** Fills databases, and makes the same fleets in memory meanwhile: two cores have room for both. */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  const [databases, worlds] = await Promise.allSettled([
    fillDatabases(options),
    makeWorlds(options),
  ]);
  // Both have come to their end, so that nothing of them goes on while everything is ended.
  if (databases.status === "rejected") throw databases.reason;
  if (worlds.status === "rejected") throw worlds.reason;
  return { databases: databases.value, ...worlds.value };
}

async function fillDatabases(options: PrepareOptions): Promise<Prepared["databases"]> {
  const { plan, seed, say, serverUrl, withDatabase } = options;
  const databases = new Map<Scale, FilledDatabase>();
  if (withDatabase.size > 0) await keepStill(serverUrl);
  for (const scale of withDatabase) {
    say(`filling a database with ${fleetOf(plan, scale)}`);
    const world = { seed, ...plan.worlds[scale] };
    databases.set(scale, await fillDatabase(serverUrl, `peers_${scale}`, world));
  }
  if (withDatabase.size > 0) await settleDown(serverUrl);
  return databases;
}

async function makeWorlds(options: PrepareOptions): Promise<Omit<Prepared, "databases">> {
  const { plan, seed, say, start, asked, policyFolder } = options;
  const works = new Map<Scale, WorldWork>();
  const engines = new Map<Scale, Child>();

  async function startWorld(world: WorldSpec): Promise<Child> {
    const nodeFlags = ["--max-old-space-size=8192"];
    const child = start("./world/world-worker.ts", { nodeFlags });
    await child.ask({ kind: "build", ...world }, answerMs);
    return child;
  }

  for (const scale of scales) {
    const { fleet, memberships } = plan.worlds[scale];
    let world: Child | undefined;
    if (asked.has(scale)) {
      say(`making questions about ${fleetOf(plan, scale)}`);
      world = await startWorld({ seed, fleet, memberships });
      const request = { kind: "requests", cerbosFolder: policyFolder(scale) };
      works.set(scale, await world.ask<WorldWork>(request, answerMs));
      // What was asked for is known: unless the next step can use it, its memory is needed no longer.
      if (!options.engines.has(scale) || fleet !== plan.engineFleet) {
        await world.stop();
        world = undefined;
      }
    }
    if (!options.engines.has(scale)) continue;
    say(`preparing checks in the process, ${fleetOf(plan, scale)}`);
    engines.set(scale, world ?? (await startWorld({ seed, fleet: plan.engineFleet, memberships })));
  }
  return { works, engines };
}

function fleetOf(plan: PeersPlan, scale: Scale): string {
  return `${plan.worlds[scale].memberships.toLocaleString("en-US")} memberships`;
}
