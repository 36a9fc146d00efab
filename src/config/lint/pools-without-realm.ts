import { within } from "../place.ts";
import { show } from "../show.ts";
import { suggest } from "../suggest.ts";
import type { Report } from "./finding.ts";
import type { LintContext } from "./lint-context.ts";

/** Pools in realms that the files do not define: `@root` of the project decides, or nobody may do anything. */
export function findPoolsWithoutRealm({ config, known }: LintContext, report: Report): void {
  for (const { value, place } of config.pools) {
    for (const [field, realm] of [
      ["realm", value.realm],
      ["default_task_realm", value.defaultTaskRealm],
    ] as const) {
      if (realm === "" || known.realms.has(realm)) continue;
      const message = `the pool ${show(value.name)} names the realm ${show(realm)}, which these files do not define`;
      const hint = (): string => suggest(realm, known.realms) || "define the realm in its project";
      report(within(place, field), message, hint);
    }
  }
}
