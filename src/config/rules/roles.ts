import { customRoleName, permissionName, roleName, type NameRule } from "../../domain/names.ts";
import { builtInRoles } from "../../domain/roles.ts";
import type { Role } from "../../gen/fleetgate/config/v1/config_pb.ts";
import type { Located } from "../located-config.ts";
import { within, type Place } from "../place.ts";
import { show } from "../show.ts";
import { suggest } from "../suggest.ts";
import type { RuleContext } from "./context.ts";
import { checkCycles } from "./cycles.ts";
import { checkList, checkRequired } from "./fields.ts";

const builtInNames: ReadonlySet<string> = new Set(builtInRoles.map((role) => role.name));

/** The roles of the deployment: names, permissions, inclusions of such roles, no cycles. */
export function checkRoles(context: RuleContext): void {
  const { config, others, known, problems } = context;
  for (const role of config.roles) {
    if (builtInNames.has(role.value.name)) {
      const hint = "give it another name; it may include the built-in one";
      const message = `the role ${show(role.value.name)} is built in`;
      problems.error(within(role.place, "name"), message, hint);
    }
    checkRole(context, role, roleName, { known: known.roles, custom: false });
  }
  const foreign = new Map<string, readonly string[]>(
    [...others.values()].flatMap(({ roles }) => roles.map((role) => [role.name, role.includes])),
  );
  checkIncludeCycles(context, config.roles, foreign);
}

/** The custom roles of one project, which may include roles of the deployment as well. */
export function checkCustomRoles(context: RuleContext, roles: readonly Located<Role>[]): void {
  const known = new Set([...roles.map(({ value }) => value.name), ...context.known.roles]);
  for (const role of roles) checkRole(context, role, customRoleName, { known, custom: true });
  checkIncludeCycles(context, roles, new Map());
}

/** The roles that a role may include. */
interface Includable {
  readonly known: ReadonlySet<string>;
  /** Whether custom roles are among them. */
  readonly custom: boolean;
}

function checkRole(
  context: RuleContext,
  { value, place }: Located<Role>,
  nameRule: NameRule,
  includable: Includable,
): void {
  const { problems, known } = context;
  checkRequired(problems, place, "name", value.name, nameRule);
  if (value.unresolved) checkUnresolved(context, { value, place });
  checkList(problems, place, "permissions", value.permissions, {
    item: "a permission",
    rule: permissionName,
    each: (name, at) => {
      if (known.permissions.has(name)) return;
      const hint = (): string => suggest(name, known.permissions) || "declare it under permissions";
      problems.error(at(), `no permission is named ${show(name)}`, hint);
    },
  });
  const prefixes: NameRule = {
    test: (name) => roleName.test(name) || (includable.custom && customRoleName.test(name)),
    rule: includable.custom
      ? 'must start with "role/" or "customRole/" and go on'
      : 'must start with "role/" and go on: custom roles exist only inside of their project',
  };
  checkList(problems, place, "includes", value.includes, {
    item: "a role that can be included here",
    rule: prefixes,
    repeated: (name) => (customRoleName.test(name) ? "error" : "warning"),
    each: (name, at) => {
      if (includable.known.has(name)) return;
      const others = (): string[] => [...includable.known].filter((other) => other !== value.name);
      reportUnknownRole(context, name, at(), others);
    },
  });
}

function checkUnresolved({ problems }: RuleContext, { value, place }: Located<Role>): void {
  const at = within(place, "unresolved");
  if (value.permissions.length > 0 || value.includes.length > 0) {
    const hint = 'take away either "unresolved" or what the role holds';
    problems.error(at, `the unresolved role ${show(value.name)} holds something`, hint);
  } else {
    const hint = 'when you know what it holds, list that and take "unresolved" away';
    problems.warning(at, `the role ${show(value.name)} is unresolved: it grants nothing`, hint);
  }
}

/** Reports a role that nobody defines, with the nearest of the roles that could stand there. */
export function reportUnknownRole(
  { problems }: RuleContext,
  name: string,
  at: Place,
  candidates: () => Iterable<string>,
): void {
  const fallback = name.startsWith("customRole/")
    ? "define it under custom_roles of this project"
    : 'define it under roles, with "unresolved: true" if nobody knows what it holds';
  problems.error(
    at,
    `no role is named ${show(name)}`,
    () => suggest(name, candidates()) || fallback,
  );
}

function checkIncludeCycles(
  { problems }: RuleContext,
  roles: readonly Located<Role>[],
  foreign: ReadonlyMap<string, readonly string[]>,
): void {
  const here = new Map(roles.map((role) => [role.value.name, role]));
  checkCycles(problems, "roles include each other in a circle", {
    nodes: here.keys(),
    next: (name) => here.get(name)?.value.includes ?? foreign.get(name) ?? [],
    placeOf: (from, to) => {
      const role = here.get(from);
      return role && within(role.place, "includes", role.value.includes.indexOf(to));
    },
  });
}
