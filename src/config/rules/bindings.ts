import { identityRule, parseIdentity, userHint } from "../../domain/identity.ts";
import { customRoleName, groupName, roleName, type NameRule } from "../../domain/names.ts";
import type { Binding, Condition } from "../../gen/fleetgate/config/v1/config_pb.ts";
import { locateItems, type Located } from "../located-config.ts";
import { within } from "../place.ts";
import type { RuleContext } from "./context.ts";
import { checkList, checkRequired, textOf } from "./fields.ts";
import { attributeName } from "./permissions.ts";
import { reportUnknownRole } from "./roles.ts";
import { warnUnknownGroup } from "./unknown.ts";

const boundRole: NameRule = {
  test: (name) => roleName.test(name) || customRoleName.test(name),
  rule: 'must start with "role/" or "customRole/" and go on',
};

const groupPrefix = "group:";

const principal: NameRule = {
  test: (text) =>
    text.startsWith(groupPrefix)
      ? groupName.test(text.slice(groupPrefix.length))
      : parseIdentity(text) !== undefined,
  rule: `must be "group:" and the name of a group, or an identity, which ${identityRule}`,
};

/** A value of a condition. */
export const attributeValue = textOf(0, 1000);

/** Makes the check for the bindings of a project with these custom roles. */
export function createBindingCheck(
  context: RuleContext,
  customRoles: readonly string[],
): (binding: Located<Binding>) => void {
  const { known, problems } = context;
  const custom = new Set(customRoles);
  return ({ value, place }) => {
    const { role } = value;
    const good = checkRequired(problems, place, "role", role, boundRole);
    if (good && !known.roles.has(role) && !custom.has(role)) {
      reportUnknownRole(context, role, within(place, "role"), () => [...custom, ...known.roles]);
    }
    checkList(problems, place, "principals", value.principals, {
      item: "a principal",
      rule: principal,
      hintOf: hintForPrincipal,
      each: (text, at) => {
        if (!text.startsWith(groupPrefix)) return;
        const name = text.slice(groupPrefix.length);
        if (!known.groups.has(name)) warnUnknownGroup(context, name, at());
      },
    });
    for (const item of locateItems(place, "conditions", value.conditions)) {
      checkCondition(context, item);
    }
  };
}

function hintForPrincipal(text: string): string {
  if (text.includes("*")) return 'globs belong into a group: bind "group:name"';
  if (/^[^:]+@[^:]+$/.test(text)) return userHint;
  if (!text.includes(":") && groupName.test(text)) return `a group is written as "group:${text}"`;
  return `it ${principal.rule}`;
}

function checkCondition({ problems }: RuleContext, { value, place }: Located<Condition>): void {
  checkRequired(problems, place, "attribute", value.attribute, attributeName);
  checkList(problems, place, "values", value.values, {
    item: "a good value",
    rule: attributeValue,
  });
  if (value.values.length === 0) {
    const hint = "list the values under which the binding counts";
    problems.warning(within(place, "values"), "a condition without values never holds", hint);
  }
}
