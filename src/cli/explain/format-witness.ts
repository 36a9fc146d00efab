import { quote } from "../../domain/quote.ts";
import {
  Step_Kind,
  type BindingSource,
  type Membership,
  type Step,
  type Witness,
} from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { plain } from "../print.ts";

/** How a step comes to its yes, from the caller to the permission, one arrow a line. */
export function formatWitness(step: Step, caller: string, indent: string): readonly string[] {
  const { witness } = step;
  const lines = [plain(caller)];
  if (step.kind === Step_Kind.SUBMITTER) lines.push("→ submitted the task");
  for (const membership of witness?.memberships ?? []) {
    lines.push(`→ ${formatMembership(membership, caller)}`);
  }
  const gives = ` → ${plain(step.permission)}${placeOf(step)}`;
  const settings = witness?.settings ?? [];
  if (settings.length > 0) lines.push(`→ ${formatSettings(settings)}${gives}`);
  const { binding } = witness ?? {};
  if (binding !== undefined) {
    lines.push(
      `→ ${formatBinding(binding)}${gives}`,
      ...detailsOf(binding).map((detail) => `  ${detail}`),
    );
  }
  return lines.map((line) => indent + line);
}

/** The same way in one line, without its two ends. */
export function formatWitnessLine(
  { memberships, settings, binding }: Witness,
  who: string,
): string {
  const links = memberships.map((membership) => formatMembership(membership, who));
  if (settings.length > 0) links.push(formatSettings(settings));
  if (binding !== undefined) links.push([formatBinding(binding), ...detailsOf(binding)].join(" "));
  return links.join(" → ");
}

function formatMembership({ group, reason, source }: Membership, caller: string): string {
  if (group === "") return "in groups that you may not read";
  const where = `${quote(group)}${from(source)}`;
  switch (reason.case) {
    case "member":
      return reason.value === caller || caller === "you"
        ? `listed in group ${where}`
        : `listed in group ${where} as ${plain(reason.value)}`;
    case "glob":
      return reason.value === caller
        ? `a glob of group ${where}`
        : `matched by ${plain(reason.value)} of group ${where}`;
    case "nested":
      return `nested in ${where}`;
    default:
      return `in group ${where}`;
  }
}

function formatSettings(settings: readonly string[]): string {
  return `named by ${settings.map(plain).join(", ")} of the settings`;
}

function formatBinding({ role, realm, source }: BindingSource): string {
  return `bound to ${plain(role)} in realm ${plain(realm)}${from(source)}`;
}

/** What a binding needs to be understood when it stands elsewhere, or its role has the permission by another. */
function detailsOf({ inheritance, rolePath }: BindingSource): readonly string[] {
  const details: string[] = [];
  if (inheritance.length > 1) {
    details.push(`(inherited: ${inheritance.map(plain).join(" from ")})`);
  }
  if (rolePath.length > 1) details.push(`(roles: ${rolePath.map(plain).join(" includes ")})`);
  return details;
}

function placeOf(step: Step): string {
  switch (step.kind) {
    case Step_Kind.SERVER:
      return " at the server level";
    case Step_Kind.POOL:
      return step.pool === "" ? "" : ` in pool ${quote(step.pool)}`;
    default:
      return "";
  }
}

/** The source of something, or that people edit it. */
function from(source: string): string {
  return source === "" ? " (edited by hand)" : ` (source ${plain(source)})`;
}
