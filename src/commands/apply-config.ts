import { toJsonString } from "@bufbuild/protobuf";
import type { ConfigProblem } from "../config/problem.ts";
import type { ConfigFileInput } from "../config/read-files.ts";
import type { EntityChange } from "../domain/entity.ts";
import { DomainError } from "../domain/errors.ts";
import type { Identity } from "../domain/identity.ts";
import { quote } from "../domain/quote.ts";
import { ConfigSchema } from "../gen/fleetgate/config/v1/config_pb.ts";
import type { Effects } from "../engine/effects/effects.ts";
import type { ReplicaState } from "../replica/state.ts";
import { readSource } from "../storage/read-source.ts";
import { countChanges, type KindCount } from "../domain/count-changes.ts";
import type { CommandDeps } from "./deps.ts";
import { sourceEtag } from "./etag.ts";
import { lockOutGuards, type Guards } from "./guards.ts";
import { requestHash as hashRequest, requestedSource } from "./input.ts";
import { planChange } from "./plan-change.ts";
import { planConfig } from "./plan-config.ts";

/** What an apply is asked to do; see ConfigService.Apply. */
export interface ApplyInput {
  readonly source: string;
  readonly files: readonly ConfigFileInput[];
  readonly etag: string;
  readonly validateOnly: boolean;
  readonly requestId: string;
  readonly reason: string;
  /** Unless given, against lock-outs only. */
  readonly guards?: Guards;
  /** With validateOnly: tell only how many gain and lose. */
  readonly summaryOnly?: boolean;
}

/** What an apply came to. */
export interface AppliedConfig {
  readonly revisionToken: string;
  /** The etag of the source, empty after validateOnly. */
  readonly etag: string;
  readonly summary: readonly KindCount[];
  readonly warnings: readonly ConfigProblem[];
  /** After validateOnly: who would gain and lose what. */
  readonly effects: Effects | undefined;
  /** After validateOnly, unless a summary was asked for: what would change. */
  readonly changes: readonly EntityChange[];
}

/**
 * Replaces what a source manages, in one transaction, and makes it live in this process. Fails with
 * INVALID_FIELD, CONFIG_INVALID, ETAG_MISMATCH, and as planChange does; then nothing has changed.
 */
export async function applyConfig(
  deps: CommandDeps,
  author: Identity,
  input: ApplyInput,
): Promise<AppliedConfig> {
  const source = requestedSource(input.source);
  const { reason, requestId, validateOnly } = input;
  const { guards = lockOutGuards, summaryOnly = false } = input;
  const requestHash = hashOf(source, input);
  const request = { author, reason, requestId, requestHash, validateOnly, guards };
  const outcome = await planChange(
    deps,
    { ...request, effects: summaryOnly ? "summary" : "all" },
    (state) => {
      const { changes, warnings } = plan(state, source, input, deps.clock());
      if (validateOnly && !summaryOnly) checkItemCount(changes);
      return { source, changes, found: warnings };
    },
  );
  return {
    revisionToken: outcome.revisionToken,
    etag: validateOnly ? "" : await etagAt(deps, source, outcome.revision),
    summary: countChanges(outcome.changes),
    warnings: outcome.found ?? [],
    effects: outcome.effects,
    changes: validateOnly && !summaryOnly ? outcome.changes : [],
  };
}

/** The most items that a validation lists. */
export const maxListedItems = 100_000;

function checkItemCount(changes: readonly EntityChange[]): void {
  if (changes.length <= maxListedItems) return;
  throw new DomainError(
    "LIMIT_EXCEEDED",
    `more than ${maxListedItems} entities would change; ask for a summary only`,
    { limit: "change_items" },
  );
}

/** The etag that the source had at a revision, empty when there was no such source. */
async function etagAt(deps: CommandDeps, source: string, revision: bigint): Promise<string> {
  const { tokenKey, revision: last } = await readSource(deps.storage, source);
  if (last === undefined) return "";
  // Somebody changed the source after the apply that is repeated here: an etag of its own revision is then
  // as stale as the first answer's.
  return sourceEtag(tokenKey, source, last < revision ? last : revision);
}

function plan(
  state: ReplicaState,
  source: string,
  input: ApplyInput,
  now: Date,
): { readonly changes: readonly EntityChange[]; readonly warnings: readonly ConfigProblem[] } {
  checkEtag(state, source, input.etag);
  const { problems, changes } = planConfig(state, source, input.files, now);
  if (changes === undefined) throw invalidConfiguration(problems);
  return { changes, warnings: problems };
}

function checkEtag(state: ReplicaState, source: string, etag: string): void {
  if (etag === "") return;
  const known = state.sources.get(source);
  if (known !== undefined && etag === sourceEtag(state.tokenKey, source, known.revision)) return;
  const found =
    known === undefined
      ? "does not exist, so no etag can be right; apply without one"
      : "is not as the etag says: somebody changed it; read it again";
  throw new DomainError("ETAG_MISMATCH", `source ${quote(source)} ${found}`, { source });
}

function invalidConfiguration(problems: readonly ConfigProblem[]): DomainError {
  const errors = problems.filter((problem) => problem.severity === "error");
  const first = errors[0];
  const count = errors.length.toString();
  const metadata = {
    problems: count,
    file: first?.file ?? "",
    line: (first?.line ?? 0).toString(),
    path: first?.path ?? "",
    message: first?.message ?? "",
  };
  return new DomainError(
    "CONFIG_INVALID",
    `the configuration has ${count} ${errors.length === 1 ? "error" : "errors"}; the first: ` +
      `${metadata.file}:${metadata.line}: ${metadata.path}: ${metadata.message}`,
    metadata,
  );
}

function hashOf(source: string, input: ApplyInput): string {
  const files = input.files.map((file) => [
    file.path,
    file.text ?? null,
    file.config === undefined ? null : toJsonString(ConfigSchema, file.config),
  ]);
  const { maxGained, maxLost, allowLockOut } = input.guards ?? lockOutGuards;
  return hashRequest("ConfigService/Apply", [
    source,
    files,
    input.etag,
    input.reason,
    // What the previous release did not know is left out when it is not used, so that a repeat across an upgrade is one.
    ...(maxGained === undefined && maxLost === undefined && !allowLockOut
      ? []
      : [maxGained ?? null, maxLost ?? null, allowLockOut]),
  ]);
}
