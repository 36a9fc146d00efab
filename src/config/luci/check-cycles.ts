import { findCycles } from "../rules/find-cycles.ts";
import { showPath } from "../show.ts";
import type { LuciProblem } from "./luci-problem.ts";
import type { PlacedText } from "./message-reader.ts";

/** Cycles beyond this number are most likely the same mistake. */
const maxCycles = 100;

/** Notes every cycle of a graph of names, with its path, where its first name refers to the next one. */
export function checkLuciCycles(
  what: string,
  graph: ReadonlyMap<string, readonly PlacedText[]>,
  report: (problem: LuciProblem, from: string) => void,
): void {
  const next = (name: string): readonly string[] => (graph.get(name) ?? []).map(({ text }) => text);
  let count = 0;
  for (const cycle of findCycles(graph.keys(), next)) {
    count += 1;
    if (count > maxCycles) return;
    const [from = "", to = from] = cycle;
    const position = graph.get(from)?.find(({ text }) => text === to)?.position;
    if (position === undefined) continue;
    report({ position, message: `${what}: ${showPath([...cycle, from])}` }, from);
  }
}
