import { sortedSet } from "../../domain/bytewise.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import type { Settings } from "../../domain/model.ts";
import { quote } from "../../domain/quote.ts";
import { mayReadAllGroups, mayReadGroup } from "../../engine/group-rights.ts";
import type { ReplicaState } from "../../replica/state.ts";

/** How many referrers an error names; the rest are counted. */
export const maxNamedReferrers = 10;

const groupPrefix = "group:";

/** The names of the groups that the settings mean, those of delegations among them. Some may not exist. */
function namedBySettings(settings: Settings): ReadonlySet<string> {
  const names = new Set([
    settings.adminsGroup,
    settings.botBootstrapGroup,
    settings.privilegedUsersGroup,
    settings.usersGroup,
    settings.viewAllBotsGroup,
    settings.viewAllTasksGroup,
    settings.readersGroup,
    ...settings.delegations.map(({ group }) => group),
  ]);
  names.delete("");
  return names;
}

/** Throws IN_USE while another group, a binding or the settings name the group; shows what the author may read. */
export function requireUnused(state: ReplicaState, author: Identity, name: string): void {
  const { snapshot } = state;
  const readable: string[] = [];
  let others = 0;
  const isReader = mayReadAllGroups(snapshot, author);
  const found = (referrer: string, mayRead: boolean): void => {
    if (mayRead) readable.push(referrer);
    else others += 1;
  };
  for (const entry of snapshot.groups.entries()) {
    if (entry.name === name) continue;
    if (entry.owners !== name && !entry.nested.includes(name)) continue;
    found(`group ${quote(entry.name)}`, mayReadGroup(snapshot, author, entry));
  }
  for (const realm of bindingRealms(state, name)) found(`realm ${quote(realm)}`, isReader);
  if (namedBySettings(state.expanded.settings).has(name)) found("the settings", isReader);
  if (readable.length + others > 0) throw inUse(name, readable, others);
}

/** The names of all groups that something other than themselves refers to. Some may not exist. */
export function referredGroups(state: ReplicaState): ReadonlySet<string> {
  const names = new Set(namedBySettings(state.expanded.settings));
  for (const { name, owners, nested } of state.snapshot.groups.entries()) {
    if (owners !== name) names.add(owners);
    for (const other of nested) if (other !== name) names.add(other);
  }
  for (const { principals } of bindings(state)) {
    for (const principal of principals) {
      if (principal.startsWith(groupPrefix)) names.add(principal.slice(groupPrefix.length));
    }
  }
  return names;
}

function bindingRealms(state: ReplicaState, name: string): readonly string[] {
  const principal = groupPrefix + name;
  const realms = new Set<string>();
  for (const { realm, principals } of bindings(state)) {
    if (principals.includes(principal)) realms.add(realm);
  }
  return sortedSet(realms);
}

function* bindings({ policies }: ReplicaState): Generator<{
  readonly realm: string;
  readonly principals: readonly string[];
}> {
  for (const { projects } of policies.values()) {
    for (const project of projects) {
      for (const realm of project.realms) {
        for (const { principals } of realm.bindings) {
          yield { realm: `${project.name}:${realm.name}`, principals };
        }
      }
    }
  }
}

function inUse(name: string, readable: readonly string[], hidden: number): DomainError {
  const named = sortedSet(readable).slice(0, maxNamedReferrers);
  const others = hidden + readable.length - named.length;
  const parts = others === 0 ? named : [...named, `${others} ${others === 1 ? "other" : "others"}`];
  return new DomainError(
    "IN_USE",
    `group ${quote(name)} is in use by ${parts.join(", ")}; take the references away first`,
    { group: name, referrers: named.join(", "), others: others.toString() },
  );
}
