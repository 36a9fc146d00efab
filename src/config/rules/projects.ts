import { projectName, realmName } from "../../domain/names.ts";
import type { Project, Realm } from "../../gen/fleetgate/config/v1/config_pb.ts";
import { locateItems, type Located } from "../located-config.ts";
import { within } from "../place.ts";
import { show } from "../show.ts";
import { suggest } from "../suggest.ts";
import { createBindingCheck } from "./bindings.ts";
import { checkDistinct } from "./claims.ts";
import type { RuleContext } from "./context.ts";
import { checkCycles } from "./cycles.ts";
import { checkList, checkRequired } from "./fields.ts";
import { checkCustomRoles } from "./roles.ts";

/** Projects with their custom roles and realms. */
export function checkProjects(context: RuleContext): void {
  for (const project of context.config.projects) checkProject(context, project);
}

function checkProject(context: RuleContext, { value, place }: Located<Project>): void {
  checkRequired(context.problems, place, "name", value.name, projectName);
  const roles = locateItems(place, "custom_roles", value.customRoles);
  checkDistinct(context, "custom role", roles);
  checkCustomRoles(context, roles);
  const realms = locateItems(place, "realms", value.realms);
  checkDistinct(context, "realm", realms);
  checkExtends(context, realms);
  const checkBinding = createBindingCheck(
    context,
    roles.map((role) => role.value.name),
  );
  for (const realm of realms) {
    for (const binding of locateItems(realm.place, "bindings", realm.value.bindings)) {
      checkBinding(binding);
    }
  }
}

function checkExtends(context: RuleContext, realms: readonly Located<Realm>[]): void {
  const { problems } = context;
  const here = new Map(realms.map((realm) => [realm.value.name, realm]));
  for (const { value, place } of realms) {
    checkRequired(problems, place, "name", value.name, realmName);
    if (value.name === "@root" && value.extends.length > 0) {
      const hint = "every realm inherits @root, so it cannot inherit one of them";
      problems.error(within(place, "extends"), '"@root" extends other realms', hint);
      continue;
    }
    checkList(problems, place, "extends", value.extends, {
      item: "a realm of this project",
      rule: realmName,
      repeated: () => "error",
      each: (name, at) => {
        if (name === "@root" || here.has(name)) return;
        const hint = (): string =>
          suggest(name, here.keys()) || "declare it, or take it away from extends";
        problems.error(at(), `this project has no realm ${show(name)}`, hint);
      },
    });
  }
  checkCycles(problems, "realms extend each other in a circle", {
    nodes: here.keys(),
    next: (name) => (name === "@root" ? [] : (here.get(name)?.value.extends ?? [])),
    placeOf: (from, to) => {
      const realm = here.get(from);
      return realm && within(realm.place, "extends", realm.value.extends.indexOf(to));
    },
  });
}
