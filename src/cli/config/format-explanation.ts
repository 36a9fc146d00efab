import { quote } from "../../domain/quote.ts";
import type {
  BindingSource,
  Explanation,
  GrantChange,
  Membership,
  Step,
} from "../../engine/inspect/explanation.ts";
import { plain } from "../print.ts";

const shownGrants = 3;

/** The lines that say why a check was answered so: each step, and after a denial the smallest grants. */
export function formatExplanation({ steps, grants }: Explanation): readonly string[] {
  return [
    ...steps.map((step) => `${placeOf(step)}: ${resultOf(step)}`),
    ...grants
      .slice(0, shownGrants)
      .map(({ changes }) => `would allow it: ${changes.map(changeText).join(", and ")}`),
  ].map(plain);
}

function placeOf({ kind, pool, realm, answeringRealm }: Step): string {
  const answeredBy =
    answeringRealm === "" || answeringRealm === realm
      ? ""
      : `, answered by ${quote(answeringRealm)}`;
  switch (kind) {
    case "submitter":
      return "submitter";
    case "server":
      return "server level";
    case "realm":
      return `realm ${quote(realm)}${answeredBy}`;
    default:
      return `pool ${quote(pool)}${realm === "" ? "" : ` in realm ${quote(realm)}`}${answeredBy}`;
  }
}

function resultOf({ result, groups, permission, witness }: Step): string {
  switch (result) {
    case "permitted":
      return `yes${witness === undefined ? "" : witnessText(witness.memberships, witness.settings, witness.binding)}`;
    case "not_submitter":
      return "no: somebody else, or nobody, submitted the task";
    case "no_server_level":
      return `no: nobody has ${quote(permission)} there`;
    case "not_in_groups":
      return `no: not in ${groups.map(quote).join(", ")}`;
    case "undeclared_permission":
      return `no: nobody declared ${quote(permission)}`;
    case "unknown_pool":
      return "no: there is no such pool";
    case "undefined_realm":
      return "no: the realm is not defined, nor is @root of its project";
    case "not_bound":
      return `no: nobody has ${quote(permission)} there`;
    case "not_a_principal":
      return `no: others have ${quote(permission)} there`;
    default:
      return `no: ${quote(permission)} only under conditions, which no check meets`;
  }
}

function witnessText(
  memberships: readonly Membership[],
  settings: readonly string[],
  binding: BindingSource | undefined,
): string {
  const path = memberships.map(membershipText);
  if (settings.length > 0) path.push(`which is ${settings.map(snakeCase).join(", ")}`);
  if (binding !== undefined) {
    path.push(`${quote(binding.role)} is bound to ${binding.principal} in ${quote(binding.realm)}`);
  }
  return path.length === 0 ? "" : `: ${path.join(", ")}`;
}

function membershipText({ group, reason }: Membership): string {
  switch (reason.kind) {
    case "member":
      return `group ${quote(group)} lists ${reason.member}`;
    case "glob":
      return `group ${quote(group)} has the glob ${reason.glob}`;
    default:
      return `group ${quote(group)} nests ${quote(reason.nested)}`;
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function changeText(change: GrantChange): string {
  if (change.kind === "add_member") {
    return `add ${change.member} to group ${quote(change.group)}`;
  }
  const bind = `bind ${quote(change.role)} to ${change.principal} in ${quote(change.realm)}`;
  const created = change.createRealm ? " (create the realm)" : "";
  const role =
    change.createRoleWith.length === 0
      ? ""
      : ` (create the role with ${change.createRoleWith.map(quote).join(", ")})`;
  return bind + created + role;
}
