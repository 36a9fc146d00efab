import { compareBindings, sortDelegations } from "../domain/canonical-order.ts";
import type { Binding, Condition, Delegation, Project, Realm, Role } from "../domain/model.ts";
import type { Policy } from "../domain/policy.ts";
import { forEachInSteps, type Steps } from "../domain/steps.ts";
import { createTexts, type Texts } from "../domain/texts.ts";
import type { BindingsRow, PolicyTables } from "./read-tables.ts";

type Draft = {
  -readonly [F in keyof Policy]: Policy[F] extends readonly (infer T)[] ? T[] : Policy[F];
};

/** The policy of each source, in canonical form, from the rows of the tables; realm by realm. */
export function* assemblePolicies(tables: PolicyTables): Steps<ReadonlyMap<string, Policy>> {
  const texts = createTexts();
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
  for (const row of tables.roles) draft(row.managed_by).roles.push(toRole(row, texts));
  yield* addProjects(tables, draft, texts);
  yield* forEachInSteps(tables.pools, (row) => {
    const realm = texts.one(row.realm);
    const defaultTaskRealm = texts.one(row.default_task_realm);
    draft(row.managed_by).pools.push({ name: texts.one(row.name), realm, defaultTaskRealm });
  });
  yield* forEachInSteps(tables.botGroups, ({ managed_by, name, ...row }) => {
    const botIds = texts.list(row.bot_ids);
    const botIdPrefixes = texts.list(row.bot_id_prefixes);
    const pools = texts.list(row.pools);
    draft(managed_by).botGroups.push({ name, botIds, botIdPrefixes, pools });
  });
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

function toRole({ name, permissions, includes, unresolved }: Role, texts: Texts): Role {
  return {
    name: texts.one(name),
    permissions: texts.list(permissions),
    includes: texts.list(includes),
    unresolved,
  };
}

function* addProjects(
  tables: PolicyTables,
  draft: (managedBy: string) => Draft,
  texts: Texts,
): Steps<void> {
  const bindings = yield* readBindings(tables.bindings, texts);
  const realms = listsByKey(
    tables.realms,
    ({ project }) => project,
    (row): Realm => ({
      name: texts.one(row.name),
      extends: texts.list(row.extends),
      bindings: bindings.get(`${row.project}:${row.name}`) ?? noBindings,
    }),
  );
  yield;
  const customRoles = listsByKey(
    tables.customRoles,
    ({ project }) => project,
    (row) => toRole(row, texts),
  );
  for (const { name, managed_by } of tables.projects) {
    const project: Project = {
      name,
      customRoles: customRoles.get(name) ?? [],
      realms: realms.get(name) ?? [],
    };
    draft(managed_by).projects.push(project);
  }
}

const noBindings: readonly Binding[] = Object.freeze([]);
const noConditions: readonly Condition[] = Object.freeze([]);

type BindingLine = readonly [
  role: string,
  conditions: readonly Condition[],
  principals: readonly string[],
];

/** The bindings of each realm, by its full name. */
function* readBindings(
  rows: readonly BindingsRow[],
  texts: Texts,
): Steps<ReadonlyMap<string, readonly Binding[]>> {
  const byRealm = new Map<string, readonly Binding[]>();
  for (const { project, realm, bindings } of rows) {
    yield;
    const list = bindings.split("\n").map((line): Binding => {
      const [role, conditions, principals] = JSON.parse(line) as BindingLine;
      return {
        role: texts.one(role),
        principals: texts.list(principals),
        conditions: conditions.length === 0 ? noConditions : conditions.map(toCondition),
      };
    });
    byRealm.set(`${project}:${realm}`, list.sort(compareBindings));
  }
  return byRealm;

  function toCondition({ attribute, values }: Condition): Condition {
    return { attribute: texts.one(attribute), values: texts.list(values) };
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
