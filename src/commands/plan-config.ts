import { diffEntities, toEntities } from "../config/entities.ts";
import type { ConfigProblem } from "../config/problem.ts";
import type { ConfigFileInput } from "../config/read-files.ts";
import { validateConfiguration } from "../config/validate.ts";
import type { EntityChange } from "../domain/entity.ts";
import { DomainError } from "../domain/errors.ts";
import { emptyConfiguration, type Configuration } from "../domain/model.ts";
import { rootGroup } from "../domain/names.ts";

/** What applying files to a source would do to the configurations in force. */
export interface ConfigPlan {
  /** All problems; with an error among them there are no changes. */
  readonly problems: readonly ConfigProblem[];
  /** The changes, undefined when the files are not valid. */
  readonly changes: readonly EntityChange[] | undefined;
}

/** Validates the files of a source against all other sources and works out what would change. */
export function planConfig(
  configurations: ReadonlyMap<string, Configuration>,
  source: string,
  files: readonly ConfigFileInput[],
): ConfigPlan {
  const others = new Map(configurations);
  others.delete(source);
  const { problems, configuration } = validateConfiguration({ source, files, others });
  if (configuration === undefined) return { problems, changes: undefined };
  const before = configurations.get(source) ?? emptyConfiguration;
  refuseLockOut(before, configuration, others);
  return { problems, changes: diffEntities(toEntities(before), toEntities(configuration)) };
}

/** Nobody left in the root group means that nobody can mend the configuration over the wire. */
function refuseLockOut(
  before: Configuration,
  after: Configuration,
  others: ReadonlyMap<string, Configuration>,
): void {
  if (!hasAdministrator([before])) return;
  if (hasAdministrator([after, ...others.values()])) return;
  throw new DomainError(
    "LOCK_OUT",
    `the change would leave nobody in the group "${rootGroup}"; keep a member in it`,
    { group: rootGroup },
  );
}

/** Whether the root group has anything in it: a member, a glob or a nested group. */
export function hasAdministrator(configurations: Iterable<Configuration>): boolean {
  for (const configuration of configurations) {
    for (const group of configuration.groups) {
      if (group.name !== rootGroup) continue;
      if (group.members.length + group.globs.length + group.nested.length > 0) return true;
    }
  }
  return false;
}
