import { diffEntities, toEntities } from "../config/entities.ts";
import type { ConfigProblem } from "../config/problem.ts";
import type { ConfigFileInput } from "../config/read-files.ts";
import { validateConfiguration } from "../config/validate.ts";
import type { EntityChange } from "../domain/entity.ts";
import { emptyConfiguration, type Configuration, type Group } from "../domain/model.ts";
import { rootGroup } from "../domain/names.ts";

/** What applying files to a source would do to the configurations in force. */
export interface ConfigPlan {
  /** All problems; with an error among them there are no changes. */
  readonly problems: readonly ConfigProblem[];
  /** The changes, undefined when the files are not valid. */
  readonly changes: readonly EntityChange[] | undefined;
  /** Whether the changes would take the last administrator away: nobody could mend that over the wire. */
  readonly lockOut: boolean;
}

/** What a lock-out is and how to avoid it. */
export const lockOutMessage = `the change would leave no member in the group "${rootGroup}"; keep one in it`;

/** Validates the files of a source against all other sources and works out what would change. */
export function planConfig(
  configurations: ReadonlyMap<string, Configuration>,
  source: string,
  files: readonly ConfigFileInput[],
): ConfigPlan {
  const others = new Map(configurations);
  others.delete(source);
  const { problems, configuration } = validateConfiguration({ source, files, others });
  if (configuration === undefined) return { problems, changes: undefined, lockOut: false };
  const before = configurations.get(source) ?? emptyConfiguration;
  return {
    problems,
    changes: diffEntities(toEntities(before), toEntities(configuration)),
    lockOut:
      hasAdministrator(configurations.values()) &&
      !hasAdministrator([configuration, ...others.values()]),
  };
}

/**
 * Whether somebody is listed in the root group or in a group nested in it, at any depth. Globs do not count:
 * nobody can tell whether anybody matches.
 */
export function hasAdministrator(configurations: Iterable<Configuration>): boolean {
  const groups = new Map<string, Group>();
  for (const configuration of configurations) {
    for (const group of configuration.groups) groups.set(group.name, group);
  }
  const reached = new Set([rootGroup]);
  for (const name of reached) {
    const group = groups.get(name);
    if (group === undefined) continue;
    if (group.members.length > 0) return true;
    for (const nested of group.nested) reached.add(nested);
  }
  return false;
}
