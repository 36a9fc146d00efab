import { identityKind, identityRule, parseIdentity } from "../../domain/identity.ts";
import {
  customRoleName,
  groupName,
  permissionName,
  realmName,
  roleName,
  type NameRule,
} from "../../domain/names.ts";
import { quote } from "../../domain/quote.ts";
import type { LuciProblem } from "./luci-problem.ts";
import type { PlacedText } from "./message-reader.ts";
import type { LuciBinding, LuciCustomRole, LuciRealm, RealmsCfg } from "./realms-cfg.ts";

const luciKinds: ReadonlySet<string> = new Set(["anonymous", "bot", "project", "service", "user"]);

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
  return problems;
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
  for (const binding of realm.bindings) checkBinding(binding, customRoles, report);
}

function checkBinding(
  binding: LuciBinding,
  customRoles: ReadonlySet<string>,
  report: Report,
): void {
  if (binding.role.text !== "") checkRole(binding.role, customRoles, report);
  for (const principal of binding.principals) checkPrincipal(principal, report);
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
  const identity = parseIdentity(text);
  if (identity === undefined) report(place, `a principal is "group:name" or ${identityRule}`);
  else if (!luciKinds.has(identityKind(identity))) {
    report(place, "LUCI has no principals of this kind");
  }
}
