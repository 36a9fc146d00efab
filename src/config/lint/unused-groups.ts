import { rootGroup } from "../../domain/names.ts";
import { show } from "../show.ts";
import { within } from "../place.ts";
import type { Report } from "./finding.ts";
import type { LintContext } from "./lint-context.ts";

/** Groups that no binding, setting or delegation names, and no other group nests or is owned by. */
export function findUnusedGroups({ config, grants }: LintContext, report: Report): void {
  const used = new Set<string>([rootGroup]);
  for (const { group } of grants) used.add(group);
  for (const { value } of config.groups) {
    for (const name of [...value.nested, value.owners]) {
      if (name !== value.name) used.add(name);
    }
  }
  for (const { value, place } of config.groups) {
    if (used.has(value.name)) continue;
    const message = `nothing uses the group ${show(value.name)}`;
    report(within(place, "name"), message, "bind it, nest it, or delete it");
  }
}
