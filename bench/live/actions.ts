import { setTimeout } from "node:timers/promises";
import type { LivePlan } from "./plan.ts";
import { startReplicas, stopReplicas, settle, type LiveReplica } from "./live-fleet.ts";
import type { Filled } from "./messages.ts";
import type { Stalls } from "./stall-probe.ts";
import { largeGroup } from "./world.ts";

/** What an action works with. */
interface Stage {
  /** The server that is asked. */
  readonly asked: LiveReplica;
  readonly teams: readonly string[];
  readonly plan: LivePlan;
  readonly folder: string;
  /** A number that no other run of an action had. */
  readonly run: number;
}

/** Something that may stall a replica. */
export interface Action {
  readonly name: string;
  /** What must come before, and is not measured. */
  readonly prepare?: (stage: Stage) => Promise<void>;
  readonly act: (stage: Stage) => Promise<void>;
}

/** What became of one action. */
export interface ActionFigures {
  readonly name: string;
  /** For each run. */
  readonly asked: readonly Stalls[];
  /** The same at a replica that only follows. */
  readonly other: readonly Stalls[];
}

const manyMembers = 10_000;

/** Everything that is tried, from what should cost nothing to what costs most. */
export const actions: readonly Action[] = [
  { name: "nothing", act: ({ plan }) => setTimeout(plan.seconds * 200) },
  {
    name: "200 checks/s",
    act: ({ asked, plan, run }) =>
      paced(200, plan.seconds / 2, async (index) => {
        await asked.isMember(`user:bench-stranger-${run}-${index}@example.com`);
      }),
  },
  {
    name: "one member added, 20/s",
    act: ({ asked, plan, run, teams }) =>
      paced(20, plan.seconds, async (index) => {
        const group = teams[index % teams.length] ?? "";
        await addMembers(asked, group, [`user:bench-one-${run}-${index}@example.com`]);
      }),
  },
  {
    name: "one member added to the large group, 20/s",
    act: ({ asked, plan, run }) =>
      paced(20, plan.seconds / 2, async (index) => {
        await addMembers(asked, largeGroup, [`user:bench-large-${run}-${index}@example.com`]);
      }),
  },
  {
    name: "ListGroups, all pages of 1,000",
    prepare: addOne,
    act: async ({ asked }) => {
      let pageToken = "";
      do {
        const page = await asked.clients.groups.listGroups({ pageSize: 1000, pageToken });
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
    },
  },
  {
    name: "ListMembers of the large group, a page of 1,000",
    prepare: addOne,
    act: async ({ asked }) => {
      await asked.clients.groups.listMembers({ group: largeGroup, pageSize: 1000 });
    },
  },
  {
    name: "GetGroup of the large group",
    prepare: addOne,
    act: async ({ asked }) => {
      await asked.clients.groups.getGroup({ name: largeGroup });
    },
  },
  {
    name: "dry run of one member, with effects",
    act: async ({ asked, run, teams }) => {
      const group = teams[run % teams.length] ?? "";
      const members = [`user:bench-dry-${run}@example.com`];
      await asked.clients.groups.addMembers({ ...{ group, members, validateOnly: true } });
    },
  },
  {
    name: "10,000 members added by one change",
    act: ({ asked, run }) => addMembers(asked, largeTeam, manyOf(run)),
  },
  {
    name: "10,000 members removed by one change",
    prepare: ({ asked, run }) => addMembers(asked, largeTeam, manyOf(run)),
    act: async ({ asked, run }) => {
      const members = [...manyOf(run)];
      await asked.clients.groups.removeMembers({ group: largeTeam, members, reason: "bench" });
    },
  },
  {
    name: "a binding added by an apply",
    act: async ({ asked, run }) => {
      const content = `projects: [{ name: bench-policy, realms: [{ name: r, bindings: [{ role: role/swarming.poolUser, principals: ["user:bench-${run}@example.com"] }] }] }]`;
      const files = [{ path: "bench", content: { case: "text", value: content } as const }];
      await asked.clients.config.apply({ source: "bench-policy", files, reason: "bench" });
    },
  },
  {
    name: "a snapshot file written",
    act: async ({ asked, folder }) => {
      const path = `${folder}/state.snapshot`;
      await asked.child.ask({ kind: "snapshot", path }, 120_000);
    },
  },
];

/** The group that many are added to and removed from. */
const largeTeam = "bench-visible";

/** Runs every action on two replicas, of which one is asked and the other one follows. */
export async function measureActions(
  options: {
    readonly url: string;
    readonly filled: Filled;
    readonly folder: string;
    readonly plan: LivePlan;
  },
  say: (text: string) => void,
): Promise<readonly ActionFigures[]> {
  const { url, filled, folder, plan } = options;
  const replicas = await startReplicas(2, { url, token: filled.token, notify: true });
  try {
    const [asked, other] = replicas;
    if (asked === undefined || other === undefined) throw new Error("there are no replicas");
    const figures: ActionFigures[] = [];
    let run = 0;
    for (const action of actions) {
      say(action.name);
      const found: { readonly asked: Stalls; readonly other: Stalls }[] = [];
      // One run more, which warms up: code that runs for the first time is compiled.
      for (let index = 0; index <= plan.runs; index += 1) {
        run += 1;
        const stage = { asked, teams: filled.teams, plan, folder, run };
        const stalls = await measureAction(action, stage, other);
        if (index > 0) found.push(stalls);
      }
      figures.push({
        name: action.name,
        asked: found.map((stalls) => stalls.asked),
        other: found.map((stalls) => stalls.other),
      });
    }
    return figures;
  } finally {
    await stopReplicas(replicas);
  }
}

async function measureAction(
  { prepare, act }: Action,
  stage: Stage,
  other: LiveReplica,
): Promise<{ readonly asked: Stalls; readonly other: Stalls }> {
  const { asked } = stage;
  await prepare?.(stage);
  await settle([asked, other]);
  await setTimeout(100);
  await Promise.all([asked.watch(), other.watch()]);
  await act(stage);
  await settle([asked, other]);
  await setTimeout(50);
  const [ofAsked, ofOther] = await Promise.all([asked.stalls(), other.stalls()]);
  return { asked: ofAsked, other: ofOther };
}

/** Changes the large group, so that nothing is remembered of it. */
function addOne({ asked, run }: Stage): Promise<void> {
  return addMembers(asked, largeGroup, [`user:bench-before-${run}@example.com`]);
}

async function addMembers(
  { clients }: LiveReplica,
  group: string,
  members: readonly string[],
): Promise<void> {
  await clients.groups.addMembers({ group, members: [...members], reason: "bench" });
}

function manyOf(run: number): readonly string[] {
  return Array.from({ length: manyMembers }, (_, index) => `user:many-${run}-${index}@example.com`);
}

/** Does something when it is due, whether or not what was done before is over; resolves when all is over. */
async function paced(
  perSecond: number,
  seconds: number,
  act: (index: number) => Promise<void>,
): Promise<void> {
  const begin = performance.now();
  const running: Promise<void>[] = [];
  for (let index = 0; index < perSecond * seconds; index += 1) {
    const pause = begin + (index * 1000) / perSecond - performance.now();
    if (pause > 0) await setTimeout(pause);
    const one = act(index);
    one.catch(() => undefined);
    running.push(one);
  }
  await Promise.all(running);
}
