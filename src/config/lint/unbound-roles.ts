import type { Role } from "../../gen/fleetgate/config/v1/config_pb.ts";
import { locateItems, type Located } from "../located-config.ts";
import { within } from "../place.ts";
import { reachable } from "../reachable.ts";
import { show } from "../show.ts";
import type { Report } from "./finding.ts";
import type { LintContext } from "./lint-context.ts";

/** Roles that no binding gives to anybody, neither themselves nor through a role that includes them. */
export function findUnboundRoles({ config, bindings }: LintContext, report: Report): void {
  const shared = new Map(config.roles.map((role) => [role.value.name, role]));
  const boundShared = new Set<string>();
  for (const { value: project, place } of config.projects) {
    const custom = new Map(
      locateItems(place, "custom_roles", project.customRoles).map((role) => [
        role.value.name,
        role,
      ]),
    );
    const includesOf = (name: string): readonly string[] =>
      (custom.get(name) ?? shared.get(name))?.value.includes ?? [];
    const bound = bindings
      .filter((binding) => binding.project === project.name)
      .map((binding) => binding.value.role);
    const reached = reachable(bound, includesOf);
    for (const role of custom.values()) {
      if (!reached.has(role.value.name)) reportRole(report, role);
    }
    for (const name of reached) boundShared.add(name);
  }
  for (const role of shared.values()) {
    if (!boundShared.has(role.value.name)) reportRole(report, role);
  }
}

function reportRole(report: Report, { value, place }: Located<Role>): void {
  const message = `no binding gives the role ${show(value.name)} to anybody`;
  report(within(place, "name"), message, "bind it, or delete it");
}
