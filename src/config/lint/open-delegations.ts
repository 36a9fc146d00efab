import { locateItems } from "../located-config.ts";
import { show } from "../show.ts";
import type { Report } from "./finding.ts";
import type { LintContext } from "./lint-context.ts";

/** Delegations without any limit: their group may ask about anybody, for any permission, anywhere. */
export function findOpenDelegations({ config }: LintContext, report: Report): void {
  if (config.settings === undefined) return;
  const { value, place } = config.settings;
  for (const delegation of locateItems(place, "delegations", value.delegations)) {
    const { group, callerGlobs, permissions, realms } = delegation.value;
    if (callerGlobs.length + permissions.length + realms.length > 0) continue;
    const message = `members of ${show(group)} may ask about anybody for any permission`;
    report(delegation.place, message, "limit it by caller_globs, permissions or realms");
  }
}
