import { DomainError } from "../domain/errors.ts";
import type { Configuration } from "../domain/model.ts";
import { quote } from "../domain/quote.ts";
import { configurationOf } from "../replica/configurations.ts";
import { usableState, type CommandDeps } from "./deps.ts";
import { sourceEtag } from "./etag.ts";
import { requestedSource } from "./input.ts";

/** What a source manages. */
export interface SourceConfig {
  readonly configuration: Configuration;
  readonly etag: string;
  readonly revisionToken: string;
}

/** Reads what a source manages. Fails with INVALID_FIELD, NOT_FOUND or STORAGE_UNAVAILABLE. */
export function getConfig(deps: CommandDeps, input: { readonly source: string }): SourceConfig {
  const name = requestedSource(input.source);
  const state = usableState(deps);
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
    etag: sourceEtag(state.tokenKey, name, source.revision),
    revisionToken: state.revisionToken,
  };
}
