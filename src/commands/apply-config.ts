import { toJsonString } from "@bufbuild/protobuf";
import type { ConfigProblem } from "../config/problem.ts";
import type { ConfigFileInput } from "../config/read-files.ts";
import type { EntityChange } from "../domain/entity.ts";
import { DomainError } from "../domain/errors.ts";
import type { Identity } from "../domain/identity.ts";
import { rootGroup } from "../domain/names.ts";
import { quote } from "../domain/quote.ts";
import { ConfigSchema } from "../gen/fleetgate/config/v1/config_pb.ts";
import { formatRevisionToken } from "../replica/revision-token.ts";
import { readSource } from "../storage/read-source.ts";
import { readState, readStateIn, type StoredState } from "../storage/read-state.ts";
import { writeChange, type WriteResult } from "../storage/write-change.ts";
import { countChanges, type KindCount } from "../domain/count-changes.ts";
import { makeLive, tokenOf, type CommandDeps } from "./deps.ts";
import { sourceEtag } from "./etag.ts";
import { checkRequestId, checkText, requestHash, requestedSource } from "./input.ts";
import { lockOutMessage, planConfig } from "./plan-config.ts";

/** What an apply is asked to do; see ConfigService.Apply. */
export interface ApplyInput {
  readonly source: string;
  readonly files: readonly ConfigFileInput[];
  readonly etag: string;
  readonly validateOnly: boolean;
  readonly requestId: string;
  readonly reason: string;
}

/** What an apply came to. */
export interface AppliedConfig {
  readonly revisionToken: string;
  /** The etag of the source, empty after validateOnly. */
  readonly etag: string;
  readonly summary: readonly KindCount[];
  readonly warnings: readonly ConfigProblem[];
}

/**
 * Replaces what a source manages, in one transaction, and makes it live in this process. Fails with
 * INVALID_FIELD, CONFIG_INVALID, ETAG_MISMATCH, LOCK_OUT, REQUEST_ID_REUSED, WRITE_CONFLICT or
 * STORAGE_UNAVAILABLE; then nothing has changed.
 */
export async function applyConfig(
  deps: CommandDeps,
  author: Identity,
  input: ApplyInput,
): Promise<AppliedConfig> {
  const source = requestedSource(input.source);
  checkRequestId(input.requestId);
  checkText("reason", input.reason);
  if (input.validateOnly) return preview(deps, source, input);

  let warnings: readonly ConfigProblem[] = [];
  const meta = { author, reason: input.reason, requestId: input.requestId };
  const result = await writeChange(
    deps.storage,
    { ...meta, requestHash: hashOf(source, input) },
    async (tx) => {
      const planned = plan(await readStateIn(tx), source, input);
      warnings = planned.warnings;
      return { source, changes: planned.changes };
    },
  );
  if (result.kind === "committed") await makeLive(deps);
  return {
    revisionToken: tokenOf(result),
    etag: await etagAt(deps, source, result),
    summary: countChanges(result.changes),
    warnings,
  };
}

/** The etag that the source had when the apply was done, empty when there was no such source. */
async function etagAt(deps: CommandDeps, source: string, result: WriteResult): Promise<string> {
  const { tokenKey, revision: last } = await readSource(deps.storage, source);
  if (last === undefined) return "";
  // Somebody changed the source after the apply that is repeated here: an etag of its own revision is then
  // as stale as the first answer's.
  return sourceEtag(tokenKey, source, last < result.revision ? last : result.revision);
}

async function preview(
  deps: CommandDeps,
  source: string,
  input: ApplyInput,
): Promise<AppliedConfig> {
  const state = await readState(deps.storage);
  const { changes, warnings } = plan(state, source, input);
  return {
    revisionToken: formatRevisionToken(state),
    etag: "",
    summary: countChanges(changes),
    warnings,
  };
}

function plan(
  state: StoredState,
  source: string,
  input: ApplyInput,
): { readonly changes: readonly EntityChange[]; readonly warnings: readonly ConfigProblem[] } {
  checkEtag(state, source, input.etag);
  const { problems, changes, lockOut } = planConfig(state.configurations, source, input.files);
  if (changes === undefined) throw invalidConfiguration(problems);
  if (lockOut) throw lockedOut();
  return { changes, warnings: problems };
}

function checkEtag(state: StoredState, source: string, etag: string): void {
  if (etag === "") return;
  const known = state.sources.get(source);
  if (known !== undefined && etag === sourceEtag(state.tokenKey, source, known.revision)) return;
  const found =
    known === undefined
      ? "does not exist, so no etag can be right; apply without one"
      : "is not as the etag says: somebody changed it; read it again";
  throw new DomainError("ETAG_MISMATCH", `source ${quote(source)} ${found}`, { source });
}

function lockedOut(): DomainError {
  return new DomainError("LOCK_OUT", lockOutMessage, { group: rootGroup });
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
  return requestHash("ConfigService/Apply", [source, files, input.etag, input.reason]);
}
