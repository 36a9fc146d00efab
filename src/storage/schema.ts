import type { ColumnType, JSONColumnType } from "kysely";
import type { Condition } from "../domain/model.ts";

/** A timestamptz: a Date when read, a Date or ISO 8601 text when written. */
type Timestamp = ColumnType<Date, Date | string, Date | string>;

/** A timestamptz that may be missing. */
type NullableTimestamp = ColumnType<
  Date | null,
  Date | string | null | undefined,
  Date | string | null
>;

/** A bytea: a plain Uint8Array on every database. */
type Bytes = ColumnType<Uint8Array, Uint8Array, Uint8Array>;

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

/** Whom credentials stand for: a bot, a task or a runner. */
export interface SubjectTable {
  uid: string;
  kind: string;
  subject_id: string;
  realm: string;
  pool: string | null;
  bot_id: string | null;
  generation: ColumnType<number, number | undefined, number>;
  epoch: ColumnType<bigint, bigint | undefined, bigint>;
  state: string;
  instance_state: string | null;
  agent_id: bigint | null;
  trust: string | null;
  ref: string | null;
  default_ref: string | null;
  delegated_user: string | null;
  dependencies: ColumnType<string[], string[] | undefined, string[]>;
  deadline: NullableTimestamp;
  report_until: NullableTimestamp;
  one_time: JSONColumnType<Record<string, OneTimeFetch>, string | undefined>;
  one_time_references: JSONColumnType<Record<string, string>, string | undefined>;
  version: ColumnType<bigint, bigint | undefined, bigint>;
  created_at: ColumnType<Date, Date | string | undefined, never>;
  created_by: string;
  ended_at: NullableTimestamp;
  deleted_at: NullableTimestamp;
  max_managers: number | null;
}

/** The fetch of a one-time secret: when (ISO 8601), which one it was, and the identity that did it. */
export interface OneTimeFetch {
  at: string;
  id: string;
  by: string;
}

/** A credential of a subject. Its secret is kept nowhere. */
export interface CredentialTable {
  id: string;
  kind: string;
  subject_uid: string;
  generation: number;
  epoch: ColumnType<bigint, bigint | undefined, bigint>;
  secret_hash: Bytes | null;
  lookup_hash: Bytes | null;
  lookup_key: string | null;
  hold_id: string | null;
  audiences: ColumnType<string[], string[] | undefined, string[]>;
  permissions: ColumnType<string[], string[] | undefined, string[]>;
  not_before: ColumnType<Date, Date | string | undefined, never>;
  expires_at: Timestamp;
  sessions_until: NullableTimestamp;
  max_uses: number | null;
  uses: ColumnType<number, number | undefined, number>;
  nonce_hash: Bytes | null;
  used_at: NullableTimestamp;
  revoked_at: NullableTimestamp;
  revoke_reason: string | null;
  replaced_by: string | null;
  parent: string | null;
  issued_by: string;
  issued_at: ColumnType<Date, Date | string | undefined, never>;
  version: ColumnType<bigint, bigint | undefined, bigint>;
  system_id: string | null;
  rotated_at: NullableTimestamp;
}

/** When a credential was used: no part of any version. */
export interface CredentialUseTable {
  id: string;
  first_used_at: Timestamp;
  last_used_at: Timestamp;
}

/** Who executes a task. `task_uid` null: released before it was registered. */
export interface HoldTable {
  task_id: string;
  holder: string;
  hold_id: string;
  task_uid: string | null;
  lease_until: NullableTimestamp;
  released_at: NullableTimestamp;
}

/** What replicas must hear of, in the order (xid, id); `xid` is an xid8, read as text. */
export interface CredentialEventTable {
  id: ColumnType<bigint, never, never>;
  xid: ColumnType<string, never, never>;
  at: ColumnType<Date, never, never>;
  subject_uid: string;
  credential_id: string | null;
  realm: string;
  version: bigint;
  shrinks: boolean;
}

/** Which keys are used. */
export interface SigningKeyTable {
  purpose: string;
  id: string;
  state: string;
  created_at: ColumnType<Date, never, never>;
  activated_at: NullableTimestamp;
  passive_until: NullableTimestamp;
}

/** Which replica has the material of which keys. */
export interface SigningKeyHolderTable {
  replica: string;
  seen_at: Timestamp;
  keys: string[];
}

/** What happened to subjects, credentials and keys. */
export interface CredentialAuditTable {
  id: ColumnType<bigint, never, never>;
  at: ColumnType<Date, Date | string | undefined, never>;
  event: string;
  credential_id: string | null;
  identity: string | null;
  realm: string | null;
  reason: string | null;
  caller: string | null;
  source: string | null;
  request_id: string | null;
  count: ColumnType<bigint, bigint | number | undefined, never>;
  detail: JSONColumnType<Record<string, unknown>, string | undefined, never>;
}

/** A machine that works for a runner. */
export interface ManagerTable {
  runner_uid: string;
  system_id: string;
  credential_id: string;
  enrolled_by: string;
  nonce_hash: Bytes | null;
  enrolled_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

/** When a manager was heard of: no part of any version. */
export interface ManagerContactTable {
  runner_uid: string;
  system_id: string;
  contacted_at: NullableTimestamp;
  is_ready: ColumnType<boolean, boolean | undefined, boolean>;
  source: string | null;
  info: JSONColumnType<Record<string, unknown>, string | undefined>;
}

/** A job that one worker may take. */
export interface ClaimTable {
  uid: string;
  job_id: string;
  realm: string;
  opener: string;
  opener_uid: string | null;
  opener_generation: number | null;
  state: ColumnType<string, string | undefined, string>;
  credential_id: string;
  secret_hash: Bytes | null;
  deadline: Timestamp;
  opened_at: ColumnType<Date, Date | string | undefined, never>;
  ended_at: NullableTimestamp;
  terms: JSONColumnType<Record<string, unknown>>;
  executor: ColumnType<string, string | undefined, string>;
  payload: ColumnType<string, string | undefined, string>;
  nonce_hash: Bytes | null;
  claimed_from: string | null;
  task_uid: string | null;
  task_credential_id: string | null;
  error: string | null;
  superseded_by: string | null;
  version: ColumnType<bigint, bigint | undefined, bigint>;
}

/** Who keeps which methods closed. */
export interface GateTable {
  area: string;
  holder: string;
  reason: ColumnType<string, string | undefined, string>;
  exclusive: ColumnType<boolean, boolean | undefined, boolean>;
  acquired_at: Timestamp;
  acquired_by: string;
  lease_until: Timestamp;
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
export interface Database {
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
  subject: SubjectTable;
  credential: CredentialTable;
  credential_use: CredentialUseTable;
  hold: HoldTable;
  credential_event: CredentialEventTable;
  signing_key: SigningKeyTable;
  signing_key_holder: SigningKeyHolderTable;
  credential_audit: CredentialAuditTable;
  manager: ManagerTable;
  manager_contact: ManagerContactTable;
  claim: ClaimTable;
  gate: GateTable;
  schema_migration: SchemaMigrationTable;
}
