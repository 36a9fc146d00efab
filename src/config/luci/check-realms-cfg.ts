import {
  customRoleName,
  groupName,
  permissionName,
  realmName,
  roleName,
  type NameRule,
} from "../../domain/names.ts";
import { quote } from "../../domain/quote.ts";
import { attributeValue } from "../rules/bindings.ts";
import { attributeName } from "../rules/permissions.ts";
import { checkLuciCycles } from "./check-cycles.ts";
import { isLuciIdentity, luciIdentityRule } from "./luci-identity.ts";
import type { LuciProblem } from "./luci-problem.ts";
import type { PlacedText } from "./message-reader.ts";
import type { LuciBinding, LuciCustomRole, LuciRealm, RealmsCfg } from "./realms-cfg.ts";

type Report = (place: PlacedText, message: string) => void;

/**
 * The names in a realms.cfg that are malformed, given twice, or refer to nothing in the file. Empty
 * names and roles are passed over: the reader has noted them. Whether groups exist is no question of this file.
 */
export function checkRealmsCfg(cfg: RealmsCfg): readonly LuciProblem[] {
  const problems: LuciProblem[] = [];
  const report: Report = ({ text, position }, message) => {
    problems.push({ position, message: `${message}: ${quote(text)}` });
  };
  const realms = new Set(cfg.realms.map(({ name }) => name.text));
  const customRoles = new Set(cfg.customRoles.map(({ name }) => name.text));
  checkDistinct(cfg.customRoles, "custom role", report);
  checkDistinct(cfg.realms, "realm", report);
  for (const role of cfg.customRoles) checkCustomRole(role, customRoles, report);
  for (const realm of cfg.realms) checkRealm(realm, realms, customRoles, report);
  checkParents(cfg, problems);
  return problems;
}

/** No realm and no custom role has itself among its ancestors. */
function checkParents(cfg: RealmsCfg, problems: LuciProblem[]): void {
  const push = (problem: LuciProblem): void => {
    problems.push(problem);
  };
  const graphOf = (
    items: readonly { readonly name: PlacedText; readonly extends: readonly PlacedText[] }[],
  ): ReadonlyMap<string, readonly PlacedText[]> =>
    new Map(items.map(({ name, extends: parents }) => [name.text, parents]));
  checkLuciCycles("custom roles extend each other in a circle", graphOf(cfg.customRoles), push);
  // @root must not extend at all, which is noted already.
  const realms = cfg.realms.filter(({ name }) => name.text !== "@root");
  checkLuciCycles("realms extend each other in a circle", graphOf(realms), push);
}

/** What must not stand in a list twice. */
function checkRepeated(places: readonly PlacedText[], message: string, report: Report): void {
  const seen = new Set<string>();
  for (const place of places) {
    if (seen.has(place.text)) report(place, message);
    seen.add(place.text);
  }
}

function checkDistinct(
  items: readonly { readonly name: PlacedText }[],
  what: string,
  report: Report,
): void {
  const seen = new Set<string>();
  for (const { name } of items) {
    if (name.text !== "" && seen.has(name.text)) report(name, `the ${what} is declared twice`);
    seen.add(name.text);
  }
}

function checkName(place: PlacedText, rule: NameRule, what: string, report: Report): void {
  if (!rule.test(place.text)) report(place, `${what} ${rule.rule}`);
}

function checkCustomRole(
  role: LuciCustomRole,
  customRoles: ReadonlySet<string>,
  report: Report,
): void {
  if (role.name.text !== "") {
    checkName(role.name, customRoleName, "the name of a custom role", report);
  }
  for (const parent of role.extends) checkRole(parent, customRoles, report);
  const customParents = role.extends.filter(({ text }) => text.startsWith("customRole/"));
  checkRepeated(customParents, "the role is extended twice", report);
  for (const permission of role.permissions) {
    checkName(permission, permissionName, "a permission", report);
  }
}

function checkRealm(
  realm: LuciRealm,
  realms: ReadonlySet<string>,
  customRoles: ReadonlySet<string>,
  report: Report,
): void {
  if (realm.name.text !== "") checkName(realm.name, realmName, "the name of a realm", report);
  for (const parent of realm.extends) {
    if (realm.name.text === "@root") report(parent, "@root must not extend a realm");
    else if (parent.text !== "@root" && !realms.has(parent.text)) {
      report(parent, "no such realm in the file");
    }
  }
  if (realm.name.text !== "@root") {
    checkRepeated(realm.extends, "the realm is extended twice", report);
  }
  for (const binding of realm.bindings) checkBinding(binding, customRoles, report);
}

function checkBinding(
  binding: LuciBinding,
  customRoles: ReadonlySet<string>,
  report: Report,
): void {
  if (binding.role.text !== "") checkRole(binding.role, customRoles, report);
  for (const principal of binding.principals) checkPrincipal(principal, report);
  for (const { attribute, values } of binding.conditions) {
    if (attribute.text !== "") checkName(attribute, attributeName, "an attribute", report);
    for (const value of values) checkName(value, attributeValue, "a value", report);
  }
}

function checkRole(place: PlacedText, customRoles: ReadonlySet<string>, report: Report): void {
  if (place.text.startsWith("customRole/")) {
    if (!customRoles.has(place.text)) report(place, "no such custom role in the file");
  } else {
    checkName(place, roleName, "a role", report);
  }
}

function checkPrincipal(place: PlacedText, report: Report): void {
  const { text } = place;
  if (text.startsWith("group:")) {
    const group = { ...place, text: text.slice("group:".length) };
    if (!groupName.test(group.text)) report(place, `the name of a group ${groupName.rule}`);
    return;
  }
  if (!isLuciIdentity(text))
    report(place, `a principal is "group:name" or an identity, which ${luciIdentityRule}`);
}
