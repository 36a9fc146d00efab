import { toYaml } from "../config/export-yaml.ts";
import { mergeConfigurations } from "../config/merge.ts";
import { invalidField } from "../domain/errors.ts";
import { configurationsOf } from "../replica/configurations.ts";
import type { CommandDeps } from "./deps.ts";
import { getConfig, type GetConfigInput } from "./get-config.ts";
import { requestedState } from "./requested-state.ts";

/** A configuration as text. */
export interface ExportedConfig {
  /** YAML in canonical form. */
  readonly text: string;
  /** The etag of the source, empty for all sources and for an earlier revision. */
  readonly etag: string;
  readonly revisionToken: string;
}

/**
 * Writes what one source manages, or all that is in force, as YAML in canonical form. Fails with
 * INVALID_FIELD, NOT_FOUND, and as requestedState does.
 */
export async function exportConfig(
  deps: CommandDeps,
  input: GetConfigInput & { readonly allSources: boolean },
): Promise<ExportedConfig> {
  if (!input.allSources) {
    const { configuration, etag, revisionToken } = await getConfig(deps, input);
    return { text: toYaml(configuration), etag, revisionToken };
  }
  if (input.source !== "") throw invalidField("source", "must be empty with all_sources");
  const { state } = await requestedState(deps, input.atRevision);
  const everything = mergeConfigurations(configurationsOf(state).values());
  return { text: toYaml(everything), etag: "", revisionToken: state.revisionToken };
}
