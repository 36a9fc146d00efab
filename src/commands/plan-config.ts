import { diffEntities, toEntities } from "../config/entities.ts";
import type { ConfigProblem } from "../config/problem.ts";
import type { ConfigFileInput } from "../config/read-files.ts";
import { validateConfiguration } from "../config/validate.ts";
import type { EntityChange, TakeOverBody } from "../domain/entity.ts";
import { emptyConfiguration } from "../domain/model.ts";
import { configurationOf, configurationsOf } from "../replica/configurations.ts";
import type { ReplicaState } from "../replica/state.ts";
import { isInForce, withEndedTakeOvers } from "./group/take-overs.ts";
import { keepTakenOver } from "./taken-over-groups.ts";

/** What applying files to a source would do to a state. */
export interface ConfigPlan {
  /** All problems; with an error among them there are no changes. */
  readonly problems: readonly ConfigProblem[];
  /** The changes, undefined when the files are not valid. */
  readonly changes: readonly EntityChange[] | undefined;
}

/**
 * Validates the files of a source against all other sources and works out what would change. Groups that are taken over
 * now stay as they are, with a warning each; take-overs from the source that have ended go.
 */
export function planConfig(
  state: ReplicaState,
  source: string,
  files: readonly ConfigFileInput[],
  now: Date,
): ConfigPlan {
  const others = new Map(configurationsOf(state, "references"));
  others.delete(source);
  const { problems, configuration } = validateConfiguration({ source, files, others });
  if (configuration === undefined) return { problems, changes: undefined };
  const before = configurationOf(state, source) ?? emptyConfiguration;
  const kept = keepTakenOver(state, now, before, configuration, { source, others });
  const all = [...kept.problems, ...problems];
  if (kept.problems.some(({ severity }) => severity === "error")) {
    return { problems: all, changes: undefined };
  }
  const changes = diffEntities(toEntities(before), toEntities(kept.configuration));
  const hasEnded = (takeOver: TakeOverBody): boolean =>
    takeOver.source === source && !isInForce(takeOver, now);
  return { problems: all, changes: withEndedTakeOvers(state, changes, hasEnded) };
}
