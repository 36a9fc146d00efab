-- Credentials of bots and tasks: who they are, what state they are in, and the log by which replicas hear of changes.
--
-- Expand only. None of this is part of a revision: credential state never touches the row of `database`.

create table subject (
  uid uuid not null,
  kind text collate "C" not null,
  subject_id text collate "C" not null,
  realm text collate "C" not null,
  pool text collate "C",
  bot_id text collate "C",
  generation integer not null default 1,
  epoch bigint not null default 0,
  state text collate "C" not null,
  instance_state text collate "C",
  agent_id bigint,
  trust text collate "C",
  ref text collate "C",
  default_ref text collate "C",
  delegated_user text collate "C",
  dependencies uuid[] not null default '{}',
  deadline timestamptz,
  report_until timestamptz,
  one_time jsonb not null default '{}',
  one_time_references jsonb not null default '{}',
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  created_by text collate "C" not null,
  ended_at timestamptz,
  deleted_at timestamptz,
  constraint subject_pkey primary key (uid),
  constraint subject_kind_check check (kind in ('bot', 'task', 'runner', 'manager')),
  constraint subject_realm_check check (realm <> ''),
  constraint subject_generation_check check (generation >= 1),
  constraint subject_trust_check check (trust in ('trusted', 'untrusted')),
  constraint subject_bot_check check (kind <> 'bot' or instance_state is not null),
  constraint subject_task_check check (
    kind <> 'task' or (trust is not null and deadline is not null and report_until is not null)
  )
);
comment on table subject is 'Whom credentials stand for. A subject that is created anew under its id has another uid.';
comment on column subject.subject_id is 'The value of its identity.';
comment on column subject.bot_id is 'Of a task: the bot that executes it.';
comment on column subject.generation is 'The attempt to set a bot up; a credential of an earlier one is dead.';
comment on column subject.epoch is 'The fencing number: of the live session of a bot; of a task, what its signed URLs name.';
comment on column subject.state is 'Of the runner of a bot; of a task.';
comment on column subject.instance_state is 'Of the machine of a bot.';
comment on column subject.dependencies is 'The uids of the tasks whose published results a task may read.';
comment on column subject.one_time is 'By the name of a one-time secret: its fetch in this generation, {"at", "id", "by"}.';
comment on column subject.one_time_references is 'By the name of a one-time secret: where it is.';
comment on column subject.version is 'Rises with every change that replicas must hear of.';
comment on column subject.ended_at is 'When a task ended; when a bot was deleted.';
comment on column subject.deleted_at is 'Its id is free since then. The row stays until its credentials are past their retention.';
create unique index subject_live_idx on subject (kind, subject_id) where deleted_at is null;
create index subject_deleted_idx on subject (kind, subject_id) where deleted_at is not null;
create index subject_realm_idx on subject (realm, kind, subject_id) where deleted_at is null;
create index subject_deadline_idx on subject (deadline) where kind = 'task' and ended_at is null;
create index subject_ended_idx on subject (ended_at) where ended_at is not null;
create index subject_dependencies_idx on subject using gin (dependencies)
  where kind = 'task' and ended_at is null and dependencies <> '{}';

create table credential (
  id text collate "C" not null,
  kind text collate "C" not null,
  subject_uid uuid not null,
  generation integer not null,
  epoch bigint not null default 0,
  secret_hash bytea,
  lookup_hash bytea,
  lookup_key text collate "C",
  hold_id uuid,
  audiences text[] collate "C" not null default '{}',
  permissions text[] collate "C" not null default '{}',
  not_before timestamptz not null default now(),
  expires_at timestamptz not null,
  sessions_until timestamptz,
  max_uses integer,
  uses integer not null default 0,
  nonce_hash bytea,
  used_at timestamptz,
  revoked_at timestamptz,
  revoke_reason text collate "C",
  replaced_by text collate "C",
  parent text collate "C",
  issued_by text collate "C" not null,
  issued_at timestamptz not null default now(),
  version bigint not null default 1,
  constraint credential_pkey primary key (id),
  constraint credential_kind_check check (
    kind in ('boot', 'session', 'resume', 'task', 'claim', 'enroll', 'runner')
  ),
  constraint credential_subject_fkey foreign key (subject_uid) references subject (uid),
  constraint credential_secret_hash_check check (octet_length(secret_hash) = 32),
  constraint credential_lookup_check check (lookup_hash is null or lookup_key is not null),
  constraint credential_uses_check check (uses >= 0 and (max_uses is null or uses <= max_uses))
);
comment on table credential is 'What proves that its bearer is a subject. Its secret is kept nowhere.';
comment on column credential.id is '96 random bits in base64url: public, safe to log.';
comment on column credential.epoch is 'Of a session: the epoch of the bot while it is live.';
comment on column credential.secret_hash is 'SHA-256 of the secret; null once it is wiped, a day after the end, and for a token that a forge made.';
comment on column credential.lookup_hash is 'Of a token that a forge made: its HMAC-SHA256 under the key lookup_key; null once it is wiped.';
comment on column credential.hold_id is 'Of a task: the hold whose registration had it issued.';
comment on column credential.audiences is 'The services that may be shown it; none: all.';
comment on column credential.permissions is 'Of a task: the most that it may be used for.';
comment on column credential.sessions_until is 'Of a session and its resume token: no session that is taken over from it lives beyond.';
comment on column credential.nonce_hash is 'SHA-256 of the nonce with which it was used up.';
comment on column credential.used_at is 'When it was used up; of tokens that work once.';
comment on column credential.replaced_by is 'The credential that came of its use.';
comment on column credential.parent is 'The credential that had it issued.';
create unique index credential_lookup_idx on credential (lookup_hash) where lookup_hash is not null;
create index credential_subject_idx on credential (subject_uid, kind) where revoked_at is null;
create index credential_history_idx on credential (subject_uid, issued_at);
create index credential_expires_idx on credential (expires_at);
create index credential_unwiped_idx on credential (id) where secret_hash is not null or lookup_hash is not null;
create index credential_revoked_idx on credential (revoked_at) where revoked_at is not null;

create table credential_use (
  id text collate "C" not null,
  first_used_at timestamptz not null,
  last_used_at timestamptz not null,
  constraint credential_use_pkey primary key (id)
) with (fillfactor = 70);
comment on table credential_use is 'When credentials were used: no part of any version, at most one write a minute each.';

create table hold (
  task_id text collate "C" not null,
  holder text collate "C" not null,
  hold_id uuid not null,
  task_uid uuid,
  lease_until timestamptz,
  released_at timestamptz,
  constraint hold_pkey primary key (task_id, holder, hold_id),
  constraint hold_task_fkey foreign key (task_uid) references subject (uid),
  constraint hold_form_check check (released_at is not null or (task_uid is not null and lease_until is not null))
) with (fillfactor = 70);
comment on table hold is 'Who executes a task, as leases. Of each holder its own: nobody can release what another holds.';
comment on column hold.task_uid is 'Null: it was released before it was registered, and never will be.';
create index hold_task_idx on hold (task_uid) where task_uid is not null;
create index hold_released_idx on hold (released_at) where released_at is not null;
create index hold_lease_idx on hold (lease_until) where released_at is null;
create index hold_early_idx on hold (holder) where task_uid is null;

create table credential_event (
  id bigint generated always as identity,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null default now(),
  subject_uid uuid not null,
  credential_id text collate "C",
  realm text collate "C" not null,
  version bigint not null,
  shrinks boolean not null,
  constraint credential_event_pkey primary key (xid, id)
);
comment on table credential_event is 'What replicas must hear of, in the order (xid, id): complete only below pg_snapshot_xmin.';
comment on column credential_event.credential_id is 'The credential that changed; null: the subject.';
comment on column credential_event.version is 'Of the subject.';
comment on column credential_event.shrinks is 'Whether somebody may do less than before: answers of an earlier version must not be used.';
create index credential_event_at_idx on credential_event (at);

create table signing_key (
  purpose text collate "C" not null,
  id text collate "C" not null,
  state text collate "C" not null,
  created_at timestamptz not null default now(),
  activated_at timestamptz,
  passive_until timestamptz,
  constraint signing_key_pkey primary key (purpose, id),
  constraint signing_key_purpose_check check (purpose in ('url', 'assertion', 'lookup')),
  constraint signing_key_state_check check (state in ('next', 'active', 'passive', 'retired'))
);
comment on table signing_key is 'Which keys are used. Their material is never here.';
create unique index signing_key_active_idx on signing_key (purpose) where state = 'active';

create table signing_key_holder (
  replica uuid not null,
  seen_at timestamptz not null,
  keys text[] collate "C" not null,
  constraint signing_key_holder_pkey primary key (replica)
);
comment on table signing_key_holder is 'Which replica has the material of which keys ("purpose/id").';

create table credential_audit (
  id bigint generated always as identity,
  at timestamptz not null default now(),
  event text collate "C" not null,
  credential_id text collate "C",
  identity text collate "C",
  realm text collate "C",
  reason text collate "C",
  caller text collate "C",
  source text collate "C",
  request_id text collate "C",
  count bigint not null default 1,
  detail jsonb not null default '{}',
  constraint credential_audit_pkey primary key (id)
);
comment on table credential_audit is 'What happened to subjects, credentials and keys. Never a secret.';
create index credential_audit_realm_idx on credential_audit (realm, id);
create index credential_audit_identity_idx on credential_audit (identity, id) where identity is not null;
create index credential_audit_credential_idx on credential_audit (credential_id, id) where credential_id is not null;
create index credential_audit_at_idx on credential_audit (at);
