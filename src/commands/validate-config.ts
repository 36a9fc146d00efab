import type { ConfigProblem } from "../config/problem.ts";
import type { ConfigFileInput } from "../config/read-files.ts";
import { countChanges, type KindCount } from "../domain/count-changes.ts";
import type { Identity } from "../domain/identity.ts";
import { freshState, type CommandDeps } from "./deps.ts";
import { lockOutMessage, locksOut } from "./guards.ts";
import { requestedSource } from "./input.ts";
import { transitionOf } from "./plan-change.ts";
import { planConfig } from "./plan-config.ts";

/** What a validation found. */
export interface ValidatedConfig {
  readonly problems: readonly ConfigProblem[];
  readonly summary: readonly KindCount[];
  readonly revisionToken: string;
}

/**
 * Validates the files of a source against what storage holds now, and says what Apply would change.
 * Fails with INVALID_FIELD, HISTORY_NOT_ACCEPTED or STORAGE_UNAVAILABLE.
 */
export async function validateConfig(
  deps: CommandDeps,
  author: Identity,
  input: { readonly source: string; readonly files: readonly ConfigFileInput[] },
): Promise<ValidatedConfig> {
  const source = requestedSource(input.source);
  const state = await freshState(deps);
  const { problems, changes = [] } = planConfig(state, source, input.files, deps.clock());
  const locked = locksOut(await transitionOf(state, { source, changes }), author);
  return {
    problems: locked ? [...problems, lockOutProblem] : problems,
    summary: countChanges(changes),
    revisionToken: state.revisionToken,
  };
}

// It is about what all sources make together, so it stands in no file.
const lockOutProblem: ConfigProblem = {
  severity: "error",
  file: "",
  line: 0,
  column: 0,
  path: "groups",
  message: lockOutMessage,
  hint: "",
};
