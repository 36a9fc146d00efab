import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { startPostgres } from "../../test/support/postgres-server.ts";
import { startChild, type Child } from "../children.ts";
import type { BenchOptions } from "../options.ts";
import { measureActions, type ActionFigures } from "./actions.ts";
import { startReplicas, stopReplicas } from "./live-fleet.ts";
import type {
  ChangeCost,
  ChangeCosts,
  Filled,
  FollowerRequest,
  LoadFigures,
  MemoryParts,
  WriterRequest,
} from "./messages.ts";
import { fullPlan, limitMs, quickPlan, type LivePlan, type VisibilityPlan } from "./plan.ts";
import { measureVisibility, type WriteTimes } from "./visibility.ts";
import { largeGroup, visibleGroup } from "./world.ts";

/** What loading and changing cost at one size. */
export interface SizeFigures {
  readonly memberships: number;
  readonly loads: readonly LoadFigures[];
  /** Changes of one member in the process: of small groups, and of the one with a tenth of all memberships. */
  readonly advanceSmall: ChangeCosts;
  readonly advanceLarge: ChangeCosts;
  /** The same with everything that a replica does after it was told: reads, and then advances. */
  readonly follow: ChangeCosts;
  /** Of the process that was changed last. */
  readonly parts: MemoryParts;
}

/** When members became visible. */
export interface VisibilityFigures {
  readonly plan: VisibilityPlan;
  readonly writes: readonly WriteTimes[];
}

/** What the bench of live administration came to. */
export interface LiveResults {
  readonly groups: number;
  readonly sizes: readonly SizeFigures[];
  /** At the largest size. */
  readonly actions: readonly ActionFigures[];
  readonly visibility: readonly VisibilityFigures[];
}

/** How many replicas members become visible at. */
const replicaCount = 3;

/** Measures a Postgres of its own with replicas in processes of their own. */
export async function runLive(
  options: BenchOptions,
  say: (text: string) => void,
): Promise<LiveResults> {
  const plan = options.quick ? quickPlan : fullPlan;
  const endAt = performance.now() + limitMs;
  const begin = (text: string): void => {
    if (performance.now() > endAt) throw new Error(`the bench takes more than ${limitMs / 1000} s`);
    say(`live: ${text}`);
  };
  const folder = await mkdtemp(join(tmpdir(), "fleetgate-bench-"));
  begin("starting Postgres, making the fleet");
  const postgres = await startPostgres({ durable: true });
  const writer = startWriter();
  try {
    const url = await createDatabase(postgres.url);
    const filled = await writer.ask<Filled>({
      ...{ kind: "open", url, seed: options.seed, fleet: plan.fleet },
    });
    const sizes: SizeFigures[] = [];
    for (const memberships of plan.sizes) {
      begin(`filling up to ${memberships.toLocaleString("en-US")} memberships`);
      await writer.ask({ kind: "fill", memberships });
      begin(`loading and changing ${memberships.toLocaleString("en-US")} memberships`);
      sizes.push(await measureSize({ url, memberships, plan, writer, teams: filled.teams }));
    }
    const actions = await measureActions({ url, filled, folder, plan }, begin);
    const visibility: VisibilityFigures[] = [];
    for (const one of plan.visibility) {
      begin(`commit to visible, notifications ${one.notify ? "on" : "off"}`);
      visibility.push({ plan: one, writes: await measureNotify(url, filled.token, one) });
    }
    return { groups: filled.groups, sizes, actions, visibility };
  } finally {
    await writer.stop();
    await postgres.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Writer {
  readonly ask: <T>(request: WriterRequest) => Promise<T>;
  readonly stop: () => Promise<void>;
}

function startWriter(): Writer {
  const child = startChild(new URL("./writer.ts", import.meta.url), []);
  return { ask: (request) => child.ask(request, 180_000), stop: () => child.stop() };
}

async function createDatabase(serverUrl: string): Promise<string> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  await client.query("create database bench");
  await client.end();
  const url = new URL(serverUrl);
  url.pathname = "/bench";
  return url.href;
}

async function measureSize(of: {
  readonly url: string;
  readonly memberships: number;
  readonly plan: LivePlan;
  readonly writer: Writer;
  readonly teams: readonly string[];
}): Promise<SizeFigures> {
  const { url, memberships, plan, writer, teams } = of;
  const loads: LoadFigures[] = [];
  for (let load = 1; load < plan.loads; load += 1) {
    const follower = startFollower();
    try {
      loads.push(await ask<LoadFigures>(follower, { kind: "load", url }));
    } finally {
      await follower.stop();
    }
  }
  const follower = startFollower();
  try {
    loads.push(await ask<LoadFigures>(follower, { kind: "load", url }));
    const follow: ChangeCost[] = [];
    for (let index = -10; index < plan.follows; index += 1) {
      const group = index % 5 === 0 ? largeGroup : (teams[(index + 10) % teams.length] ?? "");
      await writer.ask({ kind: "commit", group });
      const cost = await ask<ChangeCost>(follower, { kind: "follow" });
      if (index >= 0) follow.push(cost);
    }
    const advance = (groups: readonly string[]): Promise<ChangeCosts> =>
      ask(follower, { kind: "advance", groups, count: plan.advances });
    const advanceSmall = await advance(teams);
    const followed = {
      wallUs: follow.map(({ wallUs }) => wallUs),
      cpuUs: follow.reduce((sum, { cpuUs }) => sum + cpuUs, 0) / follow.length,
    };
    const advanceLarge = await advance([largeGroup]);
    const parts = await ask<MemoryParts>(follower, { kind: "parts" });
    return { memberships, loads, follow: followed, advanceSmall, advanceLarge, parts };
  } finally {
    await follower.stop();
  }
}

function startFollower(): Child {
  return startChild(new URL("./follower.ts", import.meta.url), [], { nodeFlags: ["--expose-gc"] });
}

function ask<T>(follower: Child, request: FollowerRequest): Promise<T> {
  return follower.ask<T>(request, 120_000);
}

async function measureNotify(
  url: string,
  token: string,
  plan: VisibilityPlan,
): Promise<readonly WriteTimes[]> {
  const replicas = await startReplicas(replicaCount, { url, token, notify: plan.notify });
  try {
    const [first] = replicas;
    if (first === undefined) throw new Error("there are no replicas");
    let round = 0;
    const prefix = (): string => `user:${plan.notify ? "on" : "off"}-${round}-`;
    const named = (member: string): string => member.replace("user:", prefix());
    const fleet = {
      add: async (member: string): Promise<void> => {
        const members = [named(member)];
        await first.clients.groups.addMembers({ group: visibleGroup, members, reason: "bench" });
      },
      isMember: replicas.map((replica) => (member: string) => replica.isMember(named(member))),
    };
    // The first second compiles what the others run.
    await measureVisibility(fleet, { ...plan, seconds: 1 });
    round += 1;
    return await measureVisibility(fleet, plan);
  } finally {
    await stopReplicas(replicas);
  }
}
