import type { Configuration } from "../domain/model.ts";
import { sortByName } from "../domain/bytewise.ts";

/**
 * All that several configurations in canonical form hold, in canonical form; the result does not depend on
 * their order. They must be disjoint, as those of different sources are.
 */
export function mergeConfigurations(configurations: Iterable<Configuration>): Configuration {
  const all = [...configurations];
  return {
    settings: all.find((configuration) => configuration.settings !== undefined)?.settings,
    permissions: sortByName(all.flatMap((configuration) => configuration.permissions)),
    roles: sortByName(all.flatMap((configuration) => configuration.roles)),
    projects: sortByName(all.flatMap((configuration) => configuration.projects)),
    pools: sortByName(all.flatMap((configuration) => configuration.pools)),
    botGroups: sortByName(all.flatMap((configuration) => configuration.botGroups)),
    groups: sortByName(all.flatMap((configuration) => configuration.groups)),
  };
}
