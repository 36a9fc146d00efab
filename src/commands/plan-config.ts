import { diffEntities, toEntities } from "../config/entities.ts";
import type { ConfigProblem } from "../config/problem.ts";
import type { ConfigFileInput } from "../config/read-files.ts";
import { validateConfiguration } from "../config/validate.ts";
import type { EntityChange } from "../domain/entity.ts";
import { emptyConfiguration } from "../domain/model.ts";
import { configurationOf, configurationsOf } from "../replica/configurations.ts";
import type { ReplicaState } from "../replica/state.ts";

/** What applying files to a source would do to a state. */
export interface ConfigPlan {
  /** All problems; with an error among them there are no changes. */
  readonly problems: readonly ConfigProblem[];
  /** The changes, undefined when the files are not valid. */
  readonly changes: readonly EntityChange[] | undefined;
}

/** Validates the files of a source against all other sources and works out what would change. */
export function planConfig(
  state: ReplicaState,
  source: string,
  files: readonly ConfigFileInput[],
): ConfigPlan {
  const others = new Map(configurationsOf(state, "references"));
  others.delete(source);
  const { problems, configuration } = validateConfiguration({ source, files, others });
  if (configuration === undefined) return { problems, changes: undefined };
  const before = configurationOf(state, source) ?? emptyConfiguration;
  return { problems, changes: diffEntities(toEntities(before), toEntities(configuration)) };
}
