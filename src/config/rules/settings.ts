import { globRule, parseGlob } from "../../domain/glob.ts";
import { fullRealmName, groupName, permissionName } from "../../domain/names.ts";
import type { Delegation, Settings } from "../../gen/fleetgate/config/v1/config_pb.ts";
import { locateItems, type Located } from "../located-config.ts";
import { within } from "../place.ts";
import type { RuleContext } from "./context.ts";
import { checkList, checkOptional, checkRequired } from "./fields.ts";
import { warnUnknownGroup, warnUnknownPermission, warnUnknownRealm } from "./unknown.ts";

/** The settings that name a group: the field, and its name in messages of the generated code. */
export const groupFields = [
  ["admins_group", "adminsGroup"],
  ["bot_bootstrap_group", "botBootstrapGroup"],
  ["privileged_users_group", "privilegedUsersGroup"],
  ["users_group", "usersGroup"],
  ["view_all_bots_group", "viewAllBotsGroup"],
  ["view_all_tasks_group", "viewAllTasksGroup"],
  ["readers_group", "readersGroup"],
] as const satisfies readonly (readonly [string, keyof Settings])[];

/** The settings: names of groups, which need not exist, and delegations. */
export function checkSettings(context: RuleContext): void {
  const { settings } = context.config;
  if (settings === undefined) return;
  for (const [field, localName] of groupFields) {
    const name = settings.value[localName];
    const good = checkOptional(context.problems, settings.place, field, name, groupName);
    if (good && name !== "") warnUnknownGroup(context, name, within(settings.place, field));
  }
  for (const item of locateItems(settings.place, "delegations", settings.value.delegations)) {
    checkDelegation(context, item);
  }
}

/** The rule of globs, as one for a list. */
export const globList = {
  item: "a glob",
  rule: { test: (text: string) => parseGlob(text) !== undefined, rule: globRule },
  hintOf: (text: string) =>
    /^[^:]+@[^:]+$/.test(text) ? 'people are matched as in "user:*@example.com"' : `it ${globRule}`,
} as const;

function checkDelegation(context: RuleContext, { value, place }: Located<Delegation>): void {
  const { problems } = context;
  if (checkRequired(problems, place, "group", value.group, groupName)) {
    warnUnknownGroup(context, value.group, within(place, "group"));
  }
  checkList(problems, place, "caller_globs", value.callerGlobs, globList);
  checkList(problems, place, "permissions", value.permissions, {
    item: "a permission",
    rule: permissionName,
    each: (name, at) => warnUnknownPermission(context, name, at),
  });
  checkList(problems, place, "realms", value.realms, {
    item: "a full realm name",
    rule: fullRealmName,
    each: (name, at) => warnUnknownRealm(context, name, at),
  });
}
