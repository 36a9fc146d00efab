import { unmanaged } from "../domain/names.ts";
import { compareBindings, sortDelegations } from "../domain/canonical-order.ts";
import type {
  Binding,
  Configuration,
  Delegation,
  Group,
  Project,
  Realm,
  Role,
} from "../domain/model.ts";

import type { ConfigurationTables } from "./read-tables.ts";

type Draft = {
  -readonly [F in keyof Configuration]: Configuration[F] extends readonly (infer T)[]
    ? T[]
    : Configuration[F];
};

/** The configuration of each source, in canonical form, from the rows of the tables; "" is no source. */
export function assembleConfigurations(
  tables: ConfigurationTables,
): ReadonlyMap<string, Configuration> {
  const drafts = new Map<string, Draft>();
  const draft = (managedBy: string | null): Draft => {
    const found = drafts.get(managedBy ?? unmanaged);
    if (found !== undefined) return found;
    const made = emptyDraft();
    drafts.set(managedBy ?? unmanaged, made);
    return made;
  };
  for (const { name } of tables.sources) draft(name);
  for (const row of tables.settings) {
    draft(row.managed_by).settings = {
      adminsGroup: row.admins_group,
      botBootstrapGroup: row.bot_bootstrap_group,
      privilegedUsersGroup: row.privileged_users_group,
      usersGroup: row.users_group,
      viewAllBotsGroup: row.view_all_bots_group,
      viewAllTasksGroup: row.view_all_tasks_group,
      readersGroup: row.readers_group,
      delegations: sortDelegations(tables.delegations.map(toDelegation)),
    };
  }
  for (const { name, attributes, managed_by } of tables.permissions) {
    draft(managed_by).permissions.push({ name, attributes });
  }
  for (const row of tables.roles) draft(row.managed_by).roles.push(toRole(row));
  addProjects(tables, draft);
  for (const row of tables.pools) {
    const { name, realm, default_task_realm: defaultTaskRealm } = row;
    draft(row.managed_by).pools.push({ name, realm, defaultTaskRealm });
  }
  for (const row of tables.botGroups) {
    const { name, bot_ids: botIds, bot_id_prefixes: botIdPrefixes, pools } = row;
    draft(row.managed_by).botGroups.push({ name, botIds, botIdPrefixes, pools });
  }
  addGroups(tables, draft);
  return drafts;
}

function emptyDraft(): Draft {
  return {
    settings: undefined,
    permissions: [],
    roles: [],
    projects: [],
    pools: [],
    botGroups: [],
    groups: [],
  };
}

function toDelegation(row: ConfigurationTables["delegations"][number]): Delegation {
  const { group_name: group, caller_globs: callerGlobs, permissions, realms } = row;
  return { group, callerGlobs, permissions, realms };
}

function toRole({ name, permissions, includes, unresolved }: Role): Role {
  return { name, permissions, includes, unresolved };
}

function addProjects(
  tables: ConfigurationTables,
  draft: (managedBy: string | null) => Draft,
): void {
  const bindings = listsByKey(
    tables.bindings,
    ({ project, realm }) => `${project}:${realm}`,
    ({ role, conditions, principals }): Binding => ({
      role,
      principals,
      conditions: conditions.map(({ attribute, values }) => ({ attribute, values })),
    }),
  );
  const realms = listsByKey(
    tables.realms,
    ({ project }) => project,
    (row): Realm => ({
      name: row.name,
      extends: row.extends,
      bindings: (bindings.get(`${row.project}:${row.name}`) ?? []).sort(compareBindings),
    }),
  );
  const customRoles = listsByKey(tables.customRoles, ({ project }) => project, toRole);
  for (const { name, managed_by } of tables.projects) {
    const project: Project = {
      name,
      customRoles: customRoles.get(name) ?? [],
      realms: realms.get(name) ?? [],
    };
    draft(managed_by).projects.push(project);
  }
}

function addGroups(tables: ConfigurationTables, draft: (managedBy: string | null) => Draft): void {
  const ofGroup = (row: { readonly group_name: string }): string => row.group_name;
  const members = listsByKey(tables.members, ofGroup, ({ member }) => member);
  const globs = listsByKey(tables.globs, ofGroup, ({ glob }) => glob);
  const nested = listsByKey(tables.nested, ofGroup, ({ nested }) => nested);
  for (const { name, description, owners, managed_by } of tables.groups) {
    const group: Group = {
      name,
      description,
      owners,
      // They come by identity, which is almost the order of the texts as typed; these are ASCII.
      members: (members.get(name) ?? []).sort(),
      globs: globs.get(name) ?? [],
      nested: nested.get(name) ?? [],
    };
    draft(managed_by).groups.push(group);
  }
}

/** Rows of one key lie together, so that a list is looked up once and not for each row. */
function listsByKey<Row, T>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  toItem: (row: Row) => T,
): Map<string, T[]> {
  const lists = new Map<string, T[]>();
  let lastKey: string | undefined;
  let list: T[] = [];
  for (const row of rows) {
    const key = keyOf(row);
    if (key !== lastKey) {
      lastKey = key;
      list = lists.get(key) ?? [];
      lists.set(key, list);
    }
    list.push(toItem(row));
  }
  return lists;
}
