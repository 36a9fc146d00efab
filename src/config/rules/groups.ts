import {
  foldIdentity,
  identityRule,
  parseIdentity,
  userHint,
  type Identity,
} from "../../domain/identity.ts";
import { groupName, rootGroup } from "../../domain/names.ts";
import { hasForbiddenCharacter } from "../../domain/text.ts";
import type { Group } from "../../gen/fleetgate/config/v1/config_pb.ts";
import type { Located } from "../located-config.ts";
import { within, type Place } from "../place.ts";
import { show } from "../show.ts";
import { suggest } from "../suggest.ts";
import type { RuleContext } from "./context.ts";
import { checkCycles } from "./cycles.ts";
import { checkList, checkOptional, checkRequired } from "./fields.ts";
import { globList } from "./settings.ts";

/** Groups: names, owners, members, globs, and nested groups that exist and do not nest in a circle. */
export function checkGroups(context: RuleContext): void {
  for (const group of context.config.groups) checkGroup(context, group);
  checkNestingCycles(context);
}

const maxDescription = 10_000;

/** What the description of a group may be. */
export const groupDescription = {
  // Line feeds and tabs are the only control characters that a text for people needs.
  test: (text: string) =>
    text.length <= maxDescription && !hasForbiddenCharacter(text.replace(/[\n\t]/g, " ")),
  rule: `must be at most ${maxDescription} characters; of control characters only line feeds and tabs`,
};

function checkGroup(context: RuleContext, { value, place }: Located<Group>): void {
  const { known, problems } = context;
  checkRequired(problems, place, "name", value.name, groupName);
  checkOptional(problems, place, "description", value.description, groupDescription);
  checkOwners(context, { value, place });
  checkList(problems, place, "members", value.members, {
    item: "an identity",
    rule: { test: (text) => parseIdentity(text) !== undefined, rule: identityRule },
    keyOf: (text) => foldIdentity(text as Identity),
    hintOf: hintForMember,
  });
  checkList(problems, place, "globs", value.globs, globList);
  checkList(problems, place, "nested", value.nested, {
    item: "the name of a group",
    rule: groupName,
    each: (name, at) => {
      if (!known.groups.has(name)) reportUnknownGroup(context, name, at());
    },
  });
}

function checkOwners(context: RuleContext, { value, place }: Located<Group>): void {
  const { known, problems } = context;
  const { name, owners } = value;
  if (!checkOptional(problems, place, "owners", owners, groupName) || owners === "") return;
  const at = within(place, "owners");
  if (name === rootGroup && owners !== rootGroup) {
    problems.error(at, `${show(rootGroup)} can be owned only by itself`, "leave owners out");
  } else if (!known.groups.has(owners)) {
    reportUnknownGroup(context, owners, at);
  }
}

function reportUnknownGroup({ known, problems }: RuleContext, name: string, at: Place): void {
  const fallback = name.includes("/")
    ? "it has the form of an external group: import it first"
    : "add it under groups, or create it first";
  const hint = (): string => suggest(name, known.groups) || fallback;
  problems.error(at, `no group is named ${show(name)}`, hint);
}

function hintForMember(text: string): string {
  if (text.startsWith("group:")) return "name groups under nested, without the prefix";
  if (text.includes("*")) return "name globs under globs";
  if (/^[^:]+@[^:]+$/.test(text)) return userHint;
  return `it ${identityRule}`;
}

function checkNestingCycles({ config, others, problems }: RuleContext): void {
  const here = new Map(config.groups.map((group) => [group.value.name, group]));
  const foreign = new Map<string, readonly string[]>();
  for (const { groups } of others.values()) {
    for (const group of groups) foreign.set(group.name, group.nested);
  }
  checkCycles(problems, "groups nest each other in a circle", {
    nodes: here.keys(),
    next: (name) => here.get(name)?.value.nested ?? foreign.get(name) ?? [],
    placeOf: (from, to) => {
      const group = here.get(from);
      return group && within(group.place, "nested", group.value.nested.indexOf(to));
    },
  });
}
