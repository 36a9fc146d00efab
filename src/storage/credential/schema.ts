import type { ColumnType, JSONColumnType } from "kysely";
import type { Bytes, NullableTimestamp, Timestamp } from "../column-types.ts";

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
  written_at: ColumnType<Date | null, undefined, never>;
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

/** The tables of credentials, with whom they stand for and what is done by them. */
export interface CredentialTables {
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
}
