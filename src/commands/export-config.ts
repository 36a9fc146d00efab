import { toYaml } from "../config/export-yaml.ts";
import { mergeConfigurations } from "../config/merge.ts";
import { invalidField } from "../domain/errors.ts";
import { configurationsOf } from "../replica/configurations.ts";
import { usableState, type CommandDeps } from "./deps.ts";
import { getConfig } from "./get-config.ts";

/** A configuration as text. */
export interface ExportedConfig {
  /** YAML in canonical form. */
  readonly text: string;
  /** The etag of the source, empty for all sources. */
  readonly etag: string;
  readonly revisionToken: string;
}

/**
 * Writes what one source manages, or all that is in force, as YAML in canonical form. Fails with
 * INVALID_FIELD, NOT_FOUND or STORAGE_UNAVAILABLE.
 */
export function exportConfig(
  deps: CommandDeps,
  input: { readonly source: string; readonly allSources: boolean },
): ExportedConfig {
  if (!input.allSources) {
    const { configuration, etag, revisionToken } = getConfig(deps, input);
    return { text: toYaml(configuration), etag, revisionToken };
  }
  if (input.source !== "") throw invalidField("source", "must be empty with all_sources");
  const state = usableState(deps);
  const everything = mergeConfigurations(configurationsOf(state).values());
  return { text: toYaml(everything), etag: "", revisionToken: state.revisionToken };
}
