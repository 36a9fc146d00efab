import { show } from "../show.ts";
import { suggest } from "../suggest.ts";
import type { Report } from "./finding.ts";
import type { GroupReference, LintContext } from "./lint-context.ts";

/** Bindings, settings and delegations that name groups which the files do not define; each group once. */
export function findUnknownGroups({ known, grants }: LintContext, report: Report): void {
  const unknown = new Map<string, { readonly first: GroupReference; count: number }>();
  for (const reference of grants) {
    if (known.groups.has(reference.group)) continue;
    const seen = unknown.get(reference.group);
    if (seen === undefined) unknown.set(reference.group, { first: reference, count: 1 });
    else seen.count += 1;
  }
  for (const [group, { first, count }] of unknown) {
    const others = count === 1 ? "" : ` (and ${count - 1} more)`;
    const message = `this ${first.kind}${others} names the group ${show(group)}, which these files do not define`;
    const hint = (): string =>
      suggest(group, known.groups) || "define it; an unknown group is empty";
    report(first.place, message, hint);
  }
}
