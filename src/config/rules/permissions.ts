import { permissionName } from "../../domain/names.ts";
import { builtInPermissions } from "../../domain/permissions.ts";
import { within } from "../place.ts";
import { show } from "../show.ts";
import type { RuleContext } from "./context.ts";
import { checkList, checkRequired, textOf } from "./fields.ts";

/** What the attributes of conditions may be called. */
export const attributeName = textOf(1, 200);

const builtIn: ReadonlySet<string> = new Set(builtInPermissions);

/** Declared permissions. One that is built in needs no declaration, but a later release may build in more. */
export function checkPermissions({ config, problems }: RuleContext): void {
  for (const { value, place } of config.permissions) {
    checkRequired(problems, place, "name", value.name, permissionName);
    if (builtIn.has(value.name)) {
      const message = `the permission ${show(value.name)} is built in`;
      problems.warning(within(place, "name"), message, "it needs no declaration");
    }
    checkList(problems, place, "attributes", value.attributes, {
      item: "an attribute",
      rule: attributeName,
    });
  }
}
