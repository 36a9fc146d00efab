import { DomainError } from "../domain/errors.ts";
import type { Configuration } from "../domain/model.ts";
import { quote } from "../domain/quote.ts";
import { configurationOf } from "../replica/configurations.ts";
import type { CommandDeps } from "./deps.ts";
import { sourceEtag } from "./etag.ts";
import { requestedSource } from "./input.ts";
import { requestedState } from "./requested-state.ts";

/** What a source manages. */
export interface SourceConfig {
  readonly configuration: Configuration;
  /** Empty for an earlier revision: nothing could be applied with it. */
  readonly etag: string;
  readonly revisionToken: string;
}

/** Which configuration to read. */
export interface GetConfigInput {
  readonly source: string;
  /** As it was at this revision; unless given, or 0n: as it is. */
  readonly atRevision?: bigint;
}

/** Reads what a source manages. Fails with INVALID_FIELD, NOT_FOUND, and as requestedState does. */
export async function getConfig(deps: CommandDeps, input: GetConfigInput): Promise<SourceConfig> {
  const name = requestedSource(input.source);
  const { state, isCurrent } = await requestedState(deps, input.atRevision);
  const source = state.sources.get(name);
  const configuration = configurationOf(state, name);
  if (source === undefined || configuration === undefined) {
    throw new DomainError("NOT_FOUND", `there is no source ${quote(name)}`, {
      kind: "source",
      name,
    });
  }
  return {
    configuration,
    etag: isCurrent ? sourceEtag(state.tokenKey, name, source.revision) : "",
    revisionToken: state.revisionToken,
  };
}
