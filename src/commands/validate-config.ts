import type { ConfigProblem } from "../config/problem.ts";
import type { ConfigFileInput } from "../config/read-files.ts";
import { formatRevisionToken } from "../replica/revision-token.ts";
import { readState } from "../storage/read-state.ts";
import { countChanges, type KindCount } from "../domain/count-changes.ts";
import type { WriteDeps } from "./deps.ts";
import { requestedSource } from "./input.ts";
import { lockOutMessage, planConfig } from "./plan-config.ts";

/** What a validation found. */
export interface ValidatedConfig {
  readonly problems: readonly ConfigProblem[];
  readonly summary: readonly KindCount[];
  readonly revisionToken: string;
}

/**
 * Validates the files of a source against what storage holds now, and says what Apply would change.
 * Fails with INVALID_FIELD or STORAGE_UNAVAILABLE.
 */
export async function validateConfig(
  deps: WriteDeps,
  input: { readonly source: string; readonly files: readonly ConfigFileInput[] },
): Promise<ValidatedConfig> {
  const source = requestedSource(input.source);
  const state = await readState(deps.storage);
  const plan = planConfig(state.configurations, source, input.files);
  return {
    problems: plan.lockOut ? [...plan.problems, lockOutProblem] : plan.problems,
    summary: countChanges(plan.changes ?? []),
    revisionToken: formatRevisionToken(state),
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
