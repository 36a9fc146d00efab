import { compareBindings, sortDelegations } from "../domain/canonical-order.ts";
import type { Binding, Delegation, Project, Realm, Role } from "../domain/model.ts";
import type { Policy } from "../domain/policy.ts";
import type { PolicyTables } from "./read-tables.ts";

type Draft = {
  -readonly [F in keyof Policy]: Policy[F] extends readonly (infer T)[] ? T[] : Policy[F];
};

/** The policy of each source, in canonical form, from the rows of the tables. */
export function assemblePolicies(tables: PolicyTables): ReadonlyMap<string, Policy> {
  const drafts = new Map<string, Draft>();
  const draft = (managedBy: string): Draft => {
    const found = drafts.get(managedBy);
    if (found !== undefined) return found;
    const made = emptyDraft();
    drafts.set(managedBy, made);
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
      reasonRequired: row.reason_required,
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
  };
}

function toDelegation(row: PolicyTables["delegations"][number]): Delegation {
  const { group_name: group, caller_globs: callerGlobs, permissions, realms } = row;
  return { group, callerGlobs, permissions, realms };
}

function toRole({ name, permissions, includes, unresolved }: Role): Role {
  return { name, permissions, includes, unresolved };
}

function addProjects(tables: PolicyTables, draft: (managedBy: string) => Draft): void {
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
