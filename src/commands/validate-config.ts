import type { ConfigProblem } from "../config/problem.ts";
import type { ConfigFileInput } from "../config/read-files.ts";
import { formatRevisionToken } from "../replica/revision-token.ts";
import { readState } from "../storage/read-state.ts";
import { summarizeChanges, type KindSummary } from "./change-summary.ts";
import type { WriteDeps } from "./deps.ts";
import { requestedSource } from "./input.ts";
import { planConfig } from "./plan-config.ts";

/** What a validation found. */
export interface ValidatedConfig {
  readonly problems: readonly ConfigProblem[];
  readonly summary: readonly KindSummary[];
  readonly revisionToken: string;
}

/**
 * Validates the files of a source against what storage holds now, and says what Apply would change.
 * Fails with INVALID_FIELD, LOCK_OUT or STORAGE_UNAVAILABLE.
 */
export async function validateConfig(
  deps: WriteDeps,
  input: { readonly source: string; readonly files: readonly ConfigFileInput[] },
): Promise<ValidatedConfig> {
  const source = requestedSource(input.source);
  const state = await readState(deps.storage);
  const plan = planConfig(state.configurations, source, input.files);
  return {
    problems: plan.problems,
    summary: summarizeChanges(plan.changes ?? []),
    revisionToken: formatRevisionToken(state),
  };
}
