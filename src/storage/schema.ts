import type { ColumnType, JSONColumnType } from "kysely";
import type { Condition } from "../domain/model.ts";
import type { Bytes, Timestamp } from "./column-types.ts";
import type { CredentialTables } from "./credential/schema.ts";

/** The one row that says where the database stands. Locking it orders all changes. */
export interface DatabaseTable {
  singleton: boolean;
  database_id: string;
  revision: bigint;
  chain_hash: Bytes;
  token_key: Bytes;
  updated_at: Timestamp;
}

/** One committed change. */
export interface ChangeTable {
  revision: bigint;
  at: Timestamp;
  author: string;
  reason: string;
  source: string | null;
  request_id: string | null;
  request_hash: string | null;
  prev_hash: Bytes;
  hash: Bytes;
  /** Null with `who_hash`: the hash is of the first form. Null without: who was erased. */
  salt: Bytes | null;
  who_hash: Bytes | null;
  items_hash: Bytes | null;
  item_count: number | null;
  items_pruned: ColumnType<boolean, boolean | undefined, boolean>;
  erased: ColumnType<boolean, boolean | undefined, boolean>;
}

/** What a change did to one entity. */
export interface ChangeItemTable {
  revision: bigint;
  seq: number;
  kind: string;
  key: string;
  op: "create" | "update" | "delete";
  before: JSONColumnType<object> | null;
  after: JSONColumnType<object> | null;
  /** Null: the item was erased, or the hash of its change is of the first form. */
  salt: Bytes | null;
  /** The hash that an erased item had. */
  hash: Bytes | null;
  erased: ColumnType<boolean, boolean | undefined, boolean>;
}

/** How many entities of one kind, and of one group if the kind is of groups, a change touched. By a trigger. */
export interface ChangeSummaryTable {
  revision: bigint;
  kind: string;
  group_name: string;
  created: number;
  updated: number;
  deleted: number;
  first_seq: number;
  last_seq: number;
}

/** What a request with an id came to. */
export interface RequestTable {
  author: string;
  request_id: string;
  request_hash: string;
  revision: bigint;
  changed: boolean;
}

/** A source of configuration and the last change of what it manages. */
export interface SourceTable {
  name: string;
  revision: bigint;
}

/** The settings: no row or one. */
export interface SettingsTable {
  singleton: boolean;
  admins_group: string;
  bot_bootstrap_group: string;
  privileged_users_group: string;
  users_group: string;
  view_all_bots_group: string;
  view_all_tasks_group: string;
  readers_group: string;
  managed_by: string;
  reason_required: ColumnType<boolean, boolean | undefined, boolean>;
}

/** A delegation of the settings. `content_hash` is SHA-256 of its body in canonical JSON. */
export interface DelegationTable {
  content_hash: Bytes;
  settings: boolean;
  group_name: string;
  caller_globs: string[];
  permissions: string[];
  realms: string[];
}

/** A declared permission. */
export interface PermissionTable {
  name: string;
  attributes: string[];
  managed_by: string;
}

/** A role of the deployment. */
export interface RoleTable {
  name: string;
  permissions: string[];
  includes: string[];
  unresolved: boolean;
  managed_by: string;
}

/** A project. */
export interface ProjectTable {
  name: string;
  managed_by: string;
}

/** A role of a project. */
export interface CustomRoleTable {
  project: string;
  name: string;
  permissions: string[];
  includes: string[];
  unresolved: boolean;
}

/** A realm of a project. */
export interface RealmTable {
  project: string;
  name: string;
  extends: string[];
}

/** A binding of a realm. `condition_hash` is SHA-256 of its conditions in canonical JSON. */
export interface BindingTable {
  project: string;
  realm: string;
  role: string;
  condition_hash: Bytes;
  conditions: JSONColumnType<Condition[]>;
  principals: string[];
}

/** A pool. */
export interface PoolTable {
  name: string;
  realm: string;
  default_task_realm: string;
  managed_by: string;
}

/** A bot group. */
export interface BotGroupTable {
  name: string;
  bot_ids: string[];
  bot_id_prefixes: string[];
  pools: string[];
  managed_by: string;
}

/** A group. Without `managed_by` it is edited by hand. */
export interface GroupTable {
  name: string;
  description: string;
  owners: string;
  managed_by: string | null;
  /** The last change of the group, its members, globs or nestings: by triggers, whatever is written to it. */
  revision: ColumnType<bigint, never, never>;
}

/** A member of a group: `identity` is folded, `member` the text as typed. */
export interface GroupMemberTable {
  group_name: string;
  identity: string;
  member: string;
}

/** A glob of a group. */
export interface GroupGlobTable {
  group_name: string;
  glob: string;
}

/** A group whose members are members too. */
export interface GroupNestedTable {
  group_name: string;
  nested: string;
}

/** A group that people edit for a time, although the source manages it. */
export interface GroupTakeOverTable {
  group_name: string;
  source: string;
  author: string;
  reason: string;
  expires_at: Timestamp;
}

/** An API key. Its secret is kept nowhere. */
export interface ApiKeyTable {
  id: string;
  identity: string;
  description: string;
  secret_hash: Bytes;
  created_at: Timestamp;
  created_by: string;
  expires_at: ColumnType<Date | null, Date | string | null, Date | string | null>;
  revoked_at: ColumnType<Date | null, Date | string | null, Date | string | null>;
}

/** When an API key was last used: no part of any revision. */
export interface ApiKeyUseTable {
  id: string;
  last_used_at: Timestamp;
}

/** The history that the database has now was declared to be the valid one. */
export interface AcceptedRestoreTable {
  id: string;
  at: Timestamp;
  author: string;
  reason: string;
}

/** An applied migration. */
export interface SchemaMigrationTable {
  version: number;
  name: string;
  checksum: string;
  breaking: boolean;
  applied_at: ColumnType<Date, never, never>;
}

/** Every table. A test holds this and the migrated database together. */
export interface Database extends CredentialTables {
  database: DatabaseTable;
  change: ChangeTable;
  change_item: ChangeItemTable;
  change_summary: ChangeSummaryTable;
  request: RequestTable;
  source: SourceTable;
  settings: SettingsTable;
  delegation: DelegationTable;
  permission: PermissionTable;
  role: RoleTable;
  project: ProjectTable;
  custom_role: CustomRoleTable;
  realm: RealmTable;
  binding: BindingTable;
  pool: PoolTable;
  bot_group: BotGroupTable;
  group: GroupTable;
  group_member: GroupMemberTable;
  group_glob: GroupGlobTable;
  group_nested: GroupNestedTable;
  group_take_over: GroupTakeOverTable;
  api_key: ApiKeyTable;
  api_key_use: ApiKeyUseTable;
  accepted_restore: AcceptedRestoreTable;
  schema_migration: SchemaMigrationTable;
}
