import { startChild } from "../children.ts";
import type { EngineRequest, TaskToken } from "./messages.ts";
import type { Rounds } from "./plan.ts";

/** One round of identifications in the process. */
export interface InProcessRun {
  /** Processor time of the main thread for one, in nanoseconds. */
  readonly ns: number;
  readonly calls: number;
}

/** Identifies the same tokens again and again from memory, without a network, in a process of its own. */
export async function measureInProcess(
  url: string,
  tokens: readonly TaskToken[],
  { rounds, seconds }: Rounds,
  core: number | undefined,
): Promise<readonly InProcessRun[]> {
  const child = startChild(new URL("./engine.ts", import.meta.url), [], { core });
  const ask = <T>(request: EngineRequest): Promise<T> => child.ask<T>(request, 60_000);
  try {
    await ask({ kind: "open", url, tokens });
    // What the process compiles meanwhile is not what is measured.
    await ask({ kind: "run", seconds });
    const runs: InProcessRun[] = [];
    for (let round = 0; round < rounds; round += 1) {
      runs.push(await ask<InProcessRun>({ kind: "run", seconds }));
    }
    return runs;
  } finally {
    await child.stop();
  }
}
