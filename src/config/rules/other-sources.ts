import type { Configuration, Role } from "../../domain/model.ts";
import { nowhere } from "../place.ts";
import { show } from "../show.ts";
import { describeSource, type RuleContext } from "./context.ts";

/** What other sources refer to must still be there once this source holds nothing but its files. */
export function checkOtherSources(context: RuleContext): void {
  for (const [source, configuration] of context.others) {
    const report = createReport(context, source);
    checkRoles(context, configuration, report);
    checkBindings(context, configuration, report);
    checkGroups(context, configuration, report);
  }
}

type Report = (kind: string, name: string, user: string) => void;

/** Reports each missing name of a source once. */
function createReport({ problems }: RuleContext, source: string): Report {
  const reported = new Set<string>();
  return (kind, name, user) => {
    const key = `${kind} ${name}`;
    if (reported.has(key)) return;
    reported.add(key);
    const message = `the ${kind} ${show(name)} would be gone, but ${user} of ${describeSource(source)} needs it`;
    problems.error(nowhere, message, "keep it here, or change the other source first");
  };
}

function checkRoles({ known }: RuleContext, configuration: Configuration, report: Report): void {
  const check = (role: Role, user: string): void => {
    for (const name of role.permissions) {
      if (!known.permissions.has(name)) report("permission", name, user);
    }
    for (const name of role.includes) {
      if (name.startsWith("role/") && !known.roles.has(name)) report("role", name, user);
    }
  };
  for (const role of configuration.roles) check(role, `the role ${show(role.name)}`);
  for (const project of configuration.projects) {
    for (const role of project.customRoles) {
      check(role, `the custom role ${show(role.name)} of the project ${show(project.name)}`);
    }
  }
}

function checkBindings({ known }: RuleContext, configuration: Configuration, report: Report): void {
  for (const project of configuration.projects) {
    for (const realm of project.realms) {
      for (const { role } of realm.bindings) {
        if (!role.startsWith("role/") || known.roles.has(role)) continue;
        report("role", role, `the realm ${show(`${project.name}:${realm.name}`)}`);
      }
    }
  }
}

function checkGroups({ known }: RuleContext, configuration: Configuration, report: Report): void {
  for (const group of configuration.groups) {
    const user = `the group ${show(group.name)}`;
    for (const name of group.nested) if (!known.groups.has(name)) report("group", name, user);
    if (!known.groups.has(group.owners)) report("group", group.owners, user);
  }
}
