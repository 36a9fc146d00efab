import type { Place } from "../place.ts";
import { show } from "../show.ts";
import { suggest } from "../suggest.ts";
import type { RuleContext } from "./context.ts";

/** Warns, at the first place that names it, about a group that nobody defines: it counts as empty. */
export function warnUnknownGroup(context: RuleContext, name: string, at: Place): void {
  const { known, problems, missingGroups } = context;
  if (known.groups.has(name) || missingGroups.has(name)) return;
  missingGroups.add(name);
  const hint = (): string => suggest(name, known.groups) || "create it, or it stays empty";
  problems.warning(at, `no group is named ${show(name)}: it counts as empty`, hint);
}

/** Warns about a realm that nobody declares: `@root` of its project decides, if there is one. */
export function warnUnknownRealm(
  { known, problems }: RuleContext,
  name: string,
  at: () => Place,
): void {
  if (known.realms.has(name)) return;
  const root = `${name.slice(0, name.indexOf(":"))}:@root`;
  const effect = known.realms.has(root)
    ? `${show(root)} decides instead`
    : "nobody has permissions in it";
  const hint = (): string => suggest(name, known.realms) || "declare it in its project";
  problems.warning(at(), `no realm is named ${show(name)}: ${effect}`, hint);
}

/** Warns about a permission that nobody declares: it is always denied. */
export function warnUnknownPermission(
  { known, problems }: RuleContext,
  name: string,
  at: () => Place,
): void {
  if (known.permissions.has(name)) return;
  const hint = (): string => suggest(name, known.permissions) || "declare it under permissions";
  problems.warning(at(), `no permission is named ${show(name)}`, hint);
}
