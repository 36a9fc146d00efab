import { createGroupGraphBuilder } from "../engine/group-graph-builder.ts";
import type { EngineWarning } from "../engine/snapshot.ts";
import { createWarn } from "../engine/warnings.ts";
import { loadStateIn, type LoadProgress } from "../storage/load-state.ts";
import type { Db } from "../storage/database.ts";
import { runInTurns } from "./in-turns.ts";
import { createReplicaStateInSteps, type ReplicaState } from "./state.ts";

/** Who is told of a load. */
export interface LoadEvents {
  readonly onWarning?: ((warning: EngineWarning) => void) | undefined;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/** Loads a whole state inside a transaction that sees one state throughout; others have their turn meanwhile. */
export async function loadIn(db: Db, events: LoadEvents = {}): Promise<ReplicaState> {
  const builder = createGroupGraphBuilder(createWarn(events.onWarning ?? (() => {})));
  const { onWarning, onProgress } = events;
  const loaded = await loadStateIn(db, builder, { run: runInTurns, onProgress });
  const groups = await runInTurns(builder.buildInSteps());
  return runInTurns(createReplicaStateInSteps(loaded, groups, onWarning));
}
