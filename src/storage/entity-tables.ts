import type { EntityBodies, EntityKind } from "../domain/entity.ts";
import { foldIdentity, type Identity } from "../domain/identity.ts";
import { contentHash } from "./chain-hash.ts";

type ColumnType = "text" | "text[]" | "boolean" | "bytea" | "jsonb" | "timestamptz" | "uuid";

/** How the entities of one kind lie in its table, which has the name of the kind. */
export interface EntityTable<K extends EntityKind> {
  /** The columns of the primary key. */
  readonly key: readonly string[];
  /** All columns but `managed_by`. */
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** Whether the table has `managed_by`. */
  readonly managed: boolean;
  /** The row of a body, as JSON that json_to_recordset reads. */
  readonly toRow: (body: EntityBodies[K]) => Readonly<Record<string, unknown>>;
}

const names = { name: "text" } as const;
const roleColumns = {
  permissions: "text[]",
  includes: "text[]",
  unresolved: "boolean",
} as const;

/** The table of every kind, parents before their children. */
export const entityTables: { readonly [K in EntityKind]: EntityTable<K> } = {
  settings: {
    key: ["singleton"],
    columns: {
      singleton: "boolean",
      admins_group: "text",
      bot_bootstrap_group: "text",
      privileged_users_group: "text",
      users_group: "text",
      view_all_bots_group: "text",
      view_all_tasks_group: "text",
      readers_group: "text",
      reason_required: "boolean",
    },
    managed: true,
    toRow: (body) => ({
      singleton: true,
      admins_group: body.adminsGroup,
      bot_bootstrap_group: body.botBootstrapGroup,
      privileged_users_group: body.privilegedUsersGroup,
      users_group: body.usersGroup,
      view_all_bots_group: body.viewAllBotsGroup,
      view_all_tasks_group: body.viewAllTasksGroup,
      readers_group: body.readersGroup,
      reason_required: body.reasonRequired,
    }),
  },
  delegation: {
    key: ["content_hash"],
    columns: {
      content_hash: "bytea",
      group_name: "text",
      caller_globs: "text[]",
      permissions: "text[]",
      realms: "text[]",
    },
    managed: false,
    toRow: ({ group, callerGlobs, permissions, realms }) => ({
      content_hash: bytea(contentHash({ group, callerGlobs, permissions, realms })),
      group_name: group,
      caller_globs: callerGlobs,
      permissions,
      realms,
    }),
  },
  permission: {
    key: ["name"],
    columns: { ...names, attributes: "text[]" },
    managed: true,
    toRow: ({ name, attributes }) => ({ name, attributes }),
  },
  role: {
    key: ["name"],
    columns: { ...names, ...roleColumns },
    managed: true,
    toRow: ({ name, permissions, includes, unresolved }) => ({
      name,
      permissions,
      includes,
      unresolved,
    }),
  },
  project: { key: ["name"], columns: names, managed: true, toRow: ({ name }) => ({ name }) },
  custom_role: {
    key: ["project", "name"],
    columns: { project: "text", ...names, ...roleColumns },
    managed: false,
    toRow: ({ project, name, permissions, includes, unresolved }) => ({
      project,
      name,
      permissions,
      includes,
      unresolved,
    }),
  },
  realm: {
    key: ["project", "name"],
    columns: { project: "text", ...names, extends: "text[]" },
    managed: false,
    toRow: (body) => ({ project: body.project, name: body.name, extends: body.extends }),
  },
  binding: {
    key: ["project", "realm", "role", "condition_hash"],
    columns: {
      project: "text",
      realm: "text",
      role: "text",
      condition_hash: "bytea",
      conditions: "jsonb",
      principals: "text[]",
    },
    managed: false,
    toRow: ({ project, realm, role, conditions, principals }) => ({
      project,
      realm,
      role,
      condition_hash: bytea(contentHash(conditions)),
      conditions,
      principals,
    }),
  },
  pool: {
    key: ["name"],
    columns: { ...names, realm: "text", default_task_realm: "text" },
    managed: true,
    toRow: ({ name, realm, defaultTaskRealm }) => ({
      name,
      realm,
      default_task_realm: defaultTaskRealm,
    }),
  },
  bot_group: {
    key: ["name"],
    columns: { ...names, bot_ids: "text[]", bot_id_prefixes: "text[]", pools: "text[]" },
    managed: true,
    toRow: ({ name, botIds, botIdPrefixes, pools }) => ({
      name,
      bot_ids: botIds,
      bot_id_prefixes: botIdPrefixes,
      pools,
    }),
  },
  group: {
    key: ["name"],
    columns: { ...names, description: "text", owners: "text" },
    managed: true,
    toRow: ({ name, description, owners }) => ({ name, description, owners }),
  },
  group_member: {
    key: ["group_name", "identity"],
    columns: { group_name: "text", identity: "text", member: "text" },
    managed: false,
    toRow: ({ group, member }) => ({
      group_name: group,
      identity: foldIdentity(member as Identity),
      member,
    }),
  },
  group_glob: {
    key: ["group_name", "glob"],
    columns: { group_name: "text", glob: "text" },
    managed: false,
    toRow: ({ group, glob }) => ({ group_name: group, glob }),
  },
  group_nested: {
    key: ["group_name", "nested"],
    columns: { group_name: "text", nested: "text" },
    managed: false,
    toRow: ({ group, nested }) => ({ group_name: group, nested }),
  },
  group_take_over: {
    key: ["group_name"],
    columns: {
      group_name: "text",
      source: "text",
      author: "text",
      reason: "text",
      expires_at: "timestamptz",
    },
    managed: false,
    toRow: ({ group, source, author, reason, expiresAt }) => ({
      group_name: group,
      source,
      author,
      reason,
      expires_at: expiresAt,
    }),
  },
  api_key: {
    key: ["id"],
    columns: {
      id: "text",
      identity: "text",
      description: "text",
      secret_hash: "bytea",
      created_at: "timestamptz",
      created_by: "text",
      expires_at: "timestamptz",
      revoked_at: "timestamptz",
    },
    managed: false,
    toRow: (body) => ({
      id: body.id,
      identity: body.identity,
      description: body.description,
      secret_hash: `\\x${body.secretHash}`,
      created_at: body.createdAt,
      created_by: body.createdBy,
      expires_at: body.expiresAt,
      revoked_at: body.revokedAt,
    }),
  },
  accepted_restore: {
    key: ["id"],
    columns: { id: "uuid", at: "timestamptz", author: "text", reason: "text" },
    managed: false,
    toRow: ({ id, at, author, reason }) => ({ id, at, author, reason }),
  },
};

/** All kinds, parents before their children. */
export const entityKinds = Object.keys(entityTables) as readonly EntityKind[];

function bytea(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes).toString("hex")}`;
}
