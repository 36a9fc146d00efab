// The rules of design §8 and of credentials.md a.1, written down once more: nothing here comes from src/.

/** Each state of a runner, and after a colon those that may follow. */
const runnerRules = `
pending: installing idle active failed terminated
installing: idle active failed terminated
idle: active offline failed terminated
active: idle offline failed terminated
offline: idle active failed terminated
online:
unknown:
terminated: FINAL
failed: FINAL
`;

/** The same of machines. */
const instanceRules = `
pending_create: creating error pending_delete pending_force_delete
creating: running error
running: stopped unknown error pending_delete pending_force_delete
stopped: running unknown error pending_delete pending_force_delete
error: pending_delete pending_force_delete
pending_delete: deleting pending_force_delete error
pending_force_delete: deleting error
deleting: deleted error
deleted:
unknown: running stopped error pending_delete pending_force_delete
`;

/** What becomes of a report. */
export type Outcome = "moves" | "nothing" | "illegal";

/** All pairs of states, and what becomes of a report of the second in the first. */
export interface Pair {
  readonly from: string;
  readonly to: string;
  readonly outcome: Outcome;
}

function pairsOf(rules: string): readonly Pair[] {
  const lines = rules.trim().split("\n");
  const followers = new Map(
    lines.map((line) => {
      const [state = "", next = ""] = line.split(":");
      return [state, next.trim().split(" ")] as const;
    }),
  );
  const states = [...followers.keys()];
  return states.flatMap((from) =>
    states.map((to) => {
      const next = followers.get(from) ?? [];
      if (from === to || next.includes("FINAL")) return { from, to, outcome: "nothing" as const };
      return { from, to, outcome: next.includes(to) ? ("moves" as const) : ("illegal" as const) };
    }),
  );
}

/** The 81 pairs of states of a runner. */
export const runnerPairs = pairsOf(runnerRules);

/** The 100 pairs of states of a machine. */
export const instancePairs = pairsOf(instanceRules);

/** The 90 pairs of a state of a runner and one of a machine. */
export const statePairs = [...new Set(runnerPairs.map(({ from }) => from))].flatMap((runner) =>
  [...new Set(instancePairs.map(({ from }) => from))].map((instance) => ({ runner, instance })),
);

/** G24 and G28: whether a boot token is accepted. */
export function acceptsBoot(runner: string, instance: string): boolean {
  return ["pending", "installing"].includes(runner) && ["creating", "running"].includes(instance);
}

/** c.8, rows `sess (use)` and `resume`: whether a session goes on and may be taken over. */
export function acceptsSession(runner: string, instance: string): boolean {
  const runners = ["pending", "installing", "idle", "online", "offline", "active"];
  return runners.includes(runner) && instance === "running";
}
