-- The schema that all migrations make, for reading. Generated: node scripts/dump-schema.ts

create table accepted_restore (
  id uuid not null,
  at timestamp with time zone not null,
  author text collate "C" not null,
  reason text collate "C" not null,
  constraint accepted_restore_pkey PRIMARY KEY (id)
);
comment on table accepted_restore is 'Each row: an operator declared the history that this database has now to be the valid one.';

create table api_key (
  id text collate "C" not null,
  identity text collate "C" not null,
  description text collate "C" not null,
  secret_hash bytea not null,
  created_at timestamp with time zone not null,
  created_by text collate "C" not null,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint api_key_secret_hash_check CHECK (octet_length(secret_hash) = 32),
  constraint api_key_pkey PRIMARY KEY (id)
);
comment on table api_key is 'API keys. The secret itself is kept nowhere.';
comment on column api_key.secret_hash is 'SHA-256 of the secret.';

create table api_key_use (
  id text collate "C" not null,
  last_used_at timestamp with time zone not null,
  constraint api_key_use_pkey PRIMARY KEY (id)
);
comment on table api_key_use is 'When each API key was last used: no part of any revision.';

create table binding (
  project text collate "C" not null,
  realm text collate "C" not null,
  role text collate "C" not null,
  condition_hash bytea not null,
  conditions jsonb not null,
  principals text[] collate "C" not null,
  constraint binding_condition_hash_check CHECK (octet_length(condition_hash) = 32),
  constraint binding_pkey PRIMARY KEY (project, realm, role, condition_hash)
);
comment on table binding is 'Bindings of a realm: one for each role and list of conditions.';
comment on column binding.condition_hash is 'SHA-256 of the conditions in canonical JSON: they may be too long for an index.';

create table bot_group (
  name text collate "C" not null,
  bot_ids text[] collate "C" not null,
  bot_id_prefixes text[] collate "C" not null,
  pools text[] collate "C" not null,
  managed_by text collate "C" not null,
  constraint bot_group_pkey PRIMARY KEY (name)
);
comment on table bot_group is 'Bot groups, which give bots their pools.';

create table change (
  revision bigint not null,
  at timestamp with time zone not null,
  author text collate "C" not null,
  reason text collate "C" not null,
  source text collate "C",
  request_id text collate "C",
  request_hash text collate "C",
  prev_hash bytea not null,
  hash bytea not null,
  salt bytea,
  who_hash bytea,
  items_hash bytea,
  item_count integer,
  items_pruned boolean default false not null,
  erased boolean default false not null,
  constraint change_form_check CHECK (who_hash IS NULL AND items_hash IS NULL AND item_count IS NULL AND salt IS NULL OR who_hash IS NOT NULL AND items_hash IS NOT NULL AND item_count IS NOT NULL),
  constraint change_hash_check CHECK (octet_length(hash) = 32),
  constraint change_items_hash_check CHECK (octet_length(items_hash) = 32),
  constraint change_prev_hash_check CHECK (octet_length(prev_hash) = 32),
  constraint change_request_check CHECK ((request_id IS NULL) = (request_hash IS NULL)),
  constraint change_revision_check CHECK (revision > 0),
  constraint change_salt_check CHECK (octet_length(salt) = 16),
  constraint change_who_hash_check CHECK (octet_length(who_hash) = 32),
  constraint change_pkey PRIMARY KEY (revision)
);
CREATE INDEX change_at_idx ON public.change USING btree (at, revision);
CREATE INDEX change_author_idx ON public.change USING btree ((
CASE
    WHEN (author ~~ 'user:%'::text) THEN lower(author)
    ELSE author
END), revision);
CREATE INDEX change_pruned_idx ON public.change USING btree (revision) WHERE items_pruned;
comment on table change is 'The log of all changes, one row a revision; only the erasure of a person and pruning update it.';
comment on column change.at is 'In whole milliseconds, never before that of the change before.';
comment on column change.source is 'The source whose configuration was applied; null for all other changes.';
comment on column change.request_id is 'The request id of the author, if any.';
comment on column change.hash is 'Chains the change to the one before; src/storage/chain-hash.ts says how. Of the first form when who_hash is null.';
comment on column change.salt is '16 random bytes under who_hash; null when who was erased, and in the first form.';
comment on column change.who_hash is 'SHA-256 over salt, author, reason, source and request.';
comment on column change.items_hash is 'SHA-256 over the hashes of the items.';
comment on column change.item_count is 'How many items the change has, or had before they were pruned.';
comment on column change.items_pruned is 'Whether its items are kept no more.';
comment on column change.erased is 'Whether a person was erased from author, reason or request.';

create table change_item (
  revision bigint not null,
  seq integer not null,
  kind text collate "C" not null,
  key text collate "C" not null,
  op text collate "C" not null,
  before jsonb,
  after jsonb,
  salt bytea,
  hash bytea,
  erased boolean default false not null,
  constraint change_item_hash_check CHECK (octet_length(hash) = 32),
  constraint change_item_hash_form_check CHECK (salt IS NULL OR hash IS NULL),
  constraint change_item_op_check CHECK (op = 'create'::text AND before IS NULL AND after IS NOT NULL OR op = 'update'::text AND before IS NOT NULL AND after IS NOT NULL OR op = 'delete'::text AND before IS NOT NULL AND after IS NULL),
  constraint change_item_salt_check CHECK (octet_length(salt) = 16),
  constraint change_item_pkey PRIMARY KEY (revision, seq)
);
CREATE INDEX change_item_key_idx ON public.change_item USING btree (kind, hashtextextended(key, (0)::bigint), revision);
comment on table change_item is 'What a change did to each entity, in order of seq from 1.';
comment on column change_item.kind is 'The kind of entity: the name of its table.';
comment on column change_item.key is 'Which entity of the kind, for people.';
comment on column change_item.before is 'Its body before the change; null: it was created.';
comment on column change_item.after is 'Its body after the change; null: it was deleted.';
comment on column change_item.salt is '16 random bytes under the hash of the item; null when it was erased, and in the first form.';
comment on column change_item.hash is 'What its hash was, once the item is erased; else it is computed.';
comment on column change_item.erased is 'Whether a person was erased from key, before or after.';

create table change_summary (
  revision bigint not null,
  kind text collate "C" not null,
  group_name text collate "C" not null,
  created integer not null,
  updated integer not null,
  deleted integer not null,
  first_seq integer not null,
  last_seq integer not null,
  constraint change_summary_pkey PRIMARY KEY (revision, kind, group_name)
);
CREATE INDEX change_summary_group_idx ON public.change_summary USING btree (group_name, revision) WHERE (group_name <> ''::text);
CREATE INDEX change_summary_kind_idx ON public.change_summary USING btree (kind, revision);
comment on table change_summary is 'How many entities of each kind, and of which group, a change touched. Kept by a trigger; stays when the items are pruned.';
comment on column change_summary.group_name is 'The group of items of a group; empty for all other kinds.';
comment on column change_summary.first_seq is 'These items have a seq from here, among others,';
comment on column change_summary.last_seq is 'to here.';

create table claim (
  uid uuid not null,
  job_id text collate "C" not null,
  realm text collate "C" not null,
  opener text collate "C" not null,
  opener_uid uuid,
  opener_generation integer,
  state text collate "C" default 'pending'::text not null,
  credential_id text collate "C" not null,
  secret_hash bytea,
  deadline timestamp with time zone not null,
  opened_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  terms jsonb not null,
  executor text collate "C" default ''::text not null,
  payload text collate "C" default ''::text not null,
  nonce_hash bytea,
  claimed_from text collate "C",
  task_uid uuid,
  task_credential_id text collate "C",
  error text collate "C",
  superseded_by uuid,
  version bigint default 1 not null,
  constraint claim_claimed_check CHECK (state <> 'claimed'::text OR task_uid IS NOT NULL),
  constraint claim_ended_check CHECK ((state = 'pending'::text) = (ended_at IS NULL)),
  constraint claim_opener_check CHECK ((opener_uid IS NULL) = (opener_generation IS NULL)),
  constraint claim_realm_check CHECK (realm <> ''::text),
  constraint claim_secret_hash_check CHECK (octet_length(secret_hash) = 32),
  constraint claim_state_check CHECK (state = ANY (ARRAY['pending'::text, 'claimed'::text, 'expired'::text, 'canceled'::text, 'failed'::text, 'superseded'::text])),
  constraint claim_pkey PRIMARY KEY (uid)
);
CREATE INDEX claim_deadline_idx ON public.claim USING btree (deadline) WHERE (state = 'pending'::text);
CREATE INDEX claim_ended_idx ON public.claim USING btree (ended_at) WHERE (ended_at IS NOT NULL);
CREATE INDEX claim_job_idx ON public.claim USING btree (job_id, opened_at);
CREATE INDEX claim_opener_idx ON public.claim USING btree (realm, (
CASE
    WHEN (opener_uid IS NOT NULL) THEN (opener_uid)::text
    WHEN (opener ~~ 'user:%'::text) THEN lower(opener)
    ELSE opener
END), opened_at, uid);
CREATE INDEX claim_realm_idx ON public.claim USING btree (realm, opened_at, uid);
CREATE INDEX claim_unwiped_idx ON public.claim USING btree (ended_at) WHERE ((ended_at IS NOT NULL) AND ((secret_hash IS NOT NULL) OR (nonce_hash IS NOT NULL)));
CREATE UNIQUE INDEX claim_credential_idx ON public.claim USING btree (credential_id);
CREATE UNIQUE INDEX claim_pending_idx ON public.claim USING btree (job_id) WHERE (state = 'pending'::text);
comment on table claim is 'A job that one worker may take. It has one terminal state, which its opener is told.';
comment on column claim.job_id is 'The id of the task that it becomes.';
comment on column claim.opener_uid is 'Of an opener that came by a credential of its own, a bot or a runner: its subject.';
comment on column claim.opener_generation is 'The generation of that subject: another attempt to set it up has no part in the claim.';
comment on column claim.credential_id is 'The public id of its token: 96 random bits in base64url, safe to log.';
comment on column claim.secret_hash is 'SHA-256 of the secret; null once it is wiped, a day after the end.';
comment on column claim.terms is 'With what the task is registered.';
comment on column claim.nonce_hash is 'SHA-256 of the nonce with which it was claimed.';

create table credential (
  id text collate "C" not null,
  kind text collate "C" not null,
  subject_uid uuid not null,
  generation integer not null,
  epoch bigint default 0 not null,
  secret_hash bytea,
  lookup_hash bytea,
  lookup_key text collate "C",
  hold_id uuid,
  audiences text[] collate "C" default '{}'::text[] not null,
  permissions text[] collate "C" default '{}'::text[] not null,
  not_before timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  sessions_until timestamp with time zone,
  max_uses integer,
  uses integer default 0 not null,
  nonce_hash bytea,
  used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  revoke_reason text collate "C",
  replaced_by text collate "C",
  parent text collate "C",
  issued_by text collate "C" not null,
  issued_at timestamp with time zone default now() not null,
  version bigint default 1 not null,
  system_id text collate "C",
  rotated_at timestamp with time zone,
  constraint credential_kind_check CHECK (kind = ANY (ARRAY['boot'::text, 'session'::text, 'resume'::text, 'task'::text, 'claim'::text, 'enroll'::text, 'runner'::text])),
  constraint credential_lookup_check CHECK (lookup_hash IS NULL OR lookup_key IS NOT NULL),
  constraint credential_secret_hash_check CHECK (octet_length(secret_hash) = 32),
  constraint credential_uses_check CHECK (uses >= 0 AND (max_uses IS NULL OR uses <= max_uses)),
  constraint credential_pkey PRIMARY KEY (id)
);
CREATE INDEX credential_expires_idx ON public.credential USING btree (expires_at);
CREATE INDEX credential_history_idx ON public.credential USING btree (subject_uid, issued_at);
CREATE INDEX credential_manager_idx ON public.credential USING btree (subject_uid, system_id) WHERE (system_id IS NOT NULL);
CREATE INDEX credential_revoked_idx ON public.credential USING btree (revoked_at) WHERE (revoked_at IS NOT NULL);
CREATE INDEX credential_subject_idx ON public.credential USING btree (subject_uid, kind) WHERE (revoked_at IS NULL);
CREATE INDEX credential_unwiped_idx ON public.credential USING btree (id) WHERE ((secret_hash IS NOT NULL) OR (lookup_hash IS NOT NULL));
CREATE UNIQUE INDEX credential_lookup_idx ON public.credential USING btree (lookup_hash) WHERE (lookup_hash IS NOT NULL);
comment on table credential is 'What proves that its bearer is a subject. Its secret is kept nowhere.';
comment on column credential.id is '96 random bits in base64url: public, safe to log.';
comment on column credential.epoch is 'Of a session: the epoch of the bot while it is live.';
comment on column credential.secret_hash is 'SHA-256 of the secret; null once it is wiped, a day after the end, and for a token that a forge made.';
comment on column credential.lookup_hash is 'Of a token that a forge made: its HMAC-SHA256 under the key lookup_key; null once it is wiped.';
comment on column credential.hold_id is 'Of a task: the hold whose registration had it issued.';
comment on column credential.audiences is 'The services that may be shown it; none: all.';
comment on column credential.permissions is 'Of a task: the most that it may be used for.';
comment on column credential.sessions_until is 'Of a session and its resume token: no session that is taken over from it lives beyond.';
comment on column credential.max_uses is 'Of an enrolment token: how often it may be used.';
comment on column credential.nonce_hash is 'SHA-256 of the nonce with which it was used up.';
comment on column credential.used_at is 'When it was used up; of tokens that work once.';
comment on column credential.replaced_by is 'The credential that came of its use.';
comment on column credential.parent is 'The credential that had it issued.';
comment on column credential.system_id is 'Of a runner token: the manager whose it is.';
comment on column credential.rotated_at is 'When another one took its place; it goes on until its expiry.';

create table credential_audit (
  id bigint not null,
  at timestamp with time zone default now() not null,
  event text collate "C" not null,
  credential_id text collate "C",
  identity text collate "C",
  realm text collate "C",
  reason text collate "C",
  caller text collate "C",
  source text collate "C",
  request_id text collate "C",
  count bigint default 1 not null,
  detail jsonb default '{}'::jsonb not null,
  constraint credential_audit_pkey PRIMARY KEY (id)
);
CREATE INDEX credential_audit_at_idx ON public.credential_audit USING btree (at);
CREATE INDEX credential_audit_credential_idx ON public.credential_audit USING btree (credential_id, id) WHERE (credential_id IS NOT NULL);
CREATE INDEX credential_audit_identity_idx ON public.credential_audit USING btree (identity, id) WHERE (identity IS NOT NULL);
CREATE INDEX credential_audit_realm_idx ON public.credential_audit USING btree (realm, id);
comment on table credential_audit is 'What happened to subjects, credentials, keys and gates. Never a secret.';

create table credential_event (
  id bigint not null,
  xid xid8 default pg_current_xact_id() not null,
  at timestamp with time zone default now() not null,
  subject_uid uuid not null,
  credential_id text collate "C",
  realm text collate "C" not null,
  version bigint not null,
  shrinks boolean not null,
  constraint credential_event_pkey PRIMARY KEY (xid, id)
);
CREATE INDEX credential_event_at_idx ON public.credential_event USING btree (at);
comment on table credential_event is 'What replicas must hear of, in the order (xid, id): complete only below pg_snapshot_xmin.';
comment on column credential_event.credential_id is 'The credential that changed; null: the subject.';
comment on column credential_event.version is 'Of the subject.';
comment on column credential_event.shrinks is 'Whether somebody may do less than before: answers of an earlier version must not be used.';

create table credential_use (
  id text collate "C" not null,
  first_used_at timestamp with time zone not null,
  last_used_at timestamp with time zone not null,
  constraint credential_use_pkey PRIMARY KEY (id)
);
comment on table credential_use is 'When credentials were used: no part of any version, at most one write a minute each.';

create table custom_role (
  project text collate "C" not null,
  name text collate "C" not null,
  permissions text[] collate "C" not null,
  includes text[] collate "C" not null,
  unresolved boolean not null,
  constraint custom_role_pkey PRIMARY KEY (project, name)
);
comment on table custom_role is 'Roles that only their project can bind.';

create table database (
  singleton boolean default true not null,
  database_id uuid default gen_random_uuid() not null,
  revision bigint default 0 not null,
  chain_hash bytea default decode(repeat('00'::text, 32), 'hex'::text) not null,
  token_key bytea default sha256(((uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) || uuid_send(gen_random_uuid()))) not null,
  updated_at timestamp with time zone default date_trunc('milliseconds'::text, now()) not null,
  constraint database_chain_hash_check CHECK (octet_length(chain_hash) = 32),
  constraint database_revision_check CHECK (revision >= 0),
  constraint database_singleton_check CHECK (singleton),
  constraint database_token_key_check CHECK (octet_length(token_key) = 32),
  constraint database_pkey PRIMARY KEY (singleton)
);
comment on table database is 'One row: where this database stands. Every writer locks it first, so that revisions are a total order without holes.';
comment on column database.database_id is 'Made once. Tells revision tokens of this database from those of others.';
comment on column database.chain_hash is 'The hash of the newest change; 32 zero bytes before the first.';
comment on column database.token_key is 'Secret key of etags and page tokens.';

create table delegation (
  content_hash bytea not null,
  settings boolean default true not null,
  group_name text collate "C" not null,
  caller_globs text[] collate "C" not null,
  permissions text[] collate "C" not null,
  realms text[] collate "C" not null,
  constraint delegation_content_hash_check CHECK (octet_length(content_hash) = 32),
  constraint delegation_pkey PRIMARY KEY (content_hash)
);
comment on table delegation is 'Who may ask on behalf of whom; part of the settings. An empty list stands for any.';
comment on column delegation.content_hash is 'SHA-256 of the body in canonical JSON: a delegation has no name.';

create table gate (
  area text collate "C" not null,
  holder text collate "C" not null,
  reason text collate "C" default ''::text not null,
  exclusive boolean default false not null,
  acquired_at timestamp with time zone not null,
  acquired_by text collate "C" not null,
  lease_until timestamp with time zone not null,
  constraint gate_area_check CHECK (area = ANY (ARRAY['issue'::text, 'fleet'::text, 'all'::text])),
  constraint gate_pkey PRIMARY KEY (area, holder)
);
comment on table gate is 'Who keeps which methods closed, as leases.';

create table "group" (
  name text collate "C" not null,
  description text collate "C" not null,
  owners text collate "C" not null,
  managed_by text collate "C",
  revision bigint default 0 not null,
  constraint group_pkey PRIMARY KEY (name)
);
comment on table "group" is 'Groups.';
comment on column "group".managed_by is 'The source that manages it; null: it is edited by hand.';
comment on column "group".revision is 'The last change of the group, its members, globs or nestings. Kept by triggers.';

create table group_glob (
  group_name text collate "C" not null,
  glob text collate "C" not null,
  constraint group_glob_pkey PRIMARY KEY (group_name, glob)
);
comment on table group_glob is 'Globs of groups: whoever matches one is a member.';

create table group_member (
  group_name text collate "C" not null,
  identity text collate "C" not null,
  member text collate "C" not null,
  constraint group_member_pkey PRIMARY KEY (group_name, identity)
);
comment on table group_member is 'Members of groups: a set of identities.';
comment on column group_member.identity is 'The identity as it is compared: user: identities in lower case.';
comment on column group_member.member is 'The identity as it was typed.';

create table group_nested (
  group_name text collate "C" not null,
  nested text collate "C" not null,
  constraint group_nested_pkey PRIMARY KEY (group_name, nested)
);
comment on table group_nested is 'Groups whose members are members of another group too. They need not exist.';

create table group_take_over (
  group_name text collate "C" not null,
  source text collate "C" not null,
  author text collate "C" not null,
  reason text collate "C" not null,
  expires_at timestamp with time zone not null,
  constraint group_take_over_pkey PRIMARY KEY (group_name)
);
comment on table group_take_over is 'A group that people edit until expires_at although a source manages it; the row stays until the source is applied next.';
comment on column group_take_over.source is 'The source that it was taken over from, and that manages it still.';

create table hold (
  task_id text collate "C" not null,
  holder text collate "C" not null,
  hold_id uuid not null,
  task_uid uuid,
  lease_until timestamp with time zone,
  released_at timestamp with time zone,
  constraint hold_form_check CHECK (released_at IS NOT NULL OR task_uid IS NOT NULL AND lease_until IS NOT NULL),
  constraint hold_pkey PRIMARY KEY (task_id, holder, hold_id)
);
CREATE INDEX hold_early_idx ON public.hold USING btree (holder) WHERE (task_uid IS NULL);
CREATE INDEX hold_lease_idx ON public.hold USING btree (lease_until) WHERE (released_at IS NULL);
CREATE INDEX hold_released_idx ON public.hold USING btree (released_at) WHERE (released_at IS NOT NULL);
CREATE INDEX hold_task_idx ON public.hold USING btree (task_uid) WHERE (task_uid IS NOT NULL);
comment on table hold is 'Who executes a task, as leases. Of each holder its own: nobody can release what another holds.';
comment on column hold.task_uid is 'Null: it was released before it was registered, and never will be.';

create table manager (
  runner_uid uuid not null,
  system_id text collate "C" not null,
  credential_id text collate "C" not null,
  enrolled_by text collate "C" not null,
  nonce_hash bytea,
  enrolled_at timestamp with time zone default now() not null,
  constraint manager_system_id_check CHECK (length(system_id) >= 1 AND length(system_id) <= 64),
  constraint manager_pkey PRIMARY KEY (runner_uid, system_id)
);
comment on table manager is 'A machine that works for a runner. Its credentials stand for the runner.';
comment on column manager.credential_id is 'The newest of its credentials.';
comment on column manager.enrolled_by is 'The enrolment token by which it came.';
comment on column manager.nonce_hash is 'SHA-256 of the nonce with which it enrolled.';

create table manager_contact (
  runner_uid uuid not null,
  system_id text collate "C" not null,
  contacted_at timestamp with time zone,
  is_ready boolean default false not null,
  source text collate "C",
  info jsonb default '{}'::jsonb not null,
  written_at timestamp with time zone,
  constraint manager_contact_pkey PRIMARY KEY (runner_uid, system_id)
);
comment on table manager_contact is 'When managers were heard of: no part of any version, at most one write a minute each.';
comment on column manager_contact.contacted_at is 'Null: never, but it said who it is when it enrolled.';
comment on column manager_contact.is_ready is 'Whether it ever said that it is ready for work.';
comment on column manager_contact.info is 'What it says of itself.';
comment on column manager_contact.written_at is 'When what was heard of it was last written: no other write comes within a minute.';

create table permission (
  name text collate "C" not null,
  attributes text[] collate "C" not null,
  managed_by text collate "C" not null,
  constraint permission_pkey PRIMARY KEY (name)
);
comment on table permission is 'Permissions beyond the built-in ones.';

create table pool (
  name text collate "C" not null,
  realm text collate "C" not null,
  default_task_realm text collate "C" not null,
  managed_by text collate "C" not null,
  constraint pool_pkey PRIMARY KEY (name)
);
comment on table pool is 'Pools and the full names of their realms, which need not exist.';

create table project (
  name text collate "C" not null,
  managed_by text collate "C" not null,
  constraint project_pkey PRIMARY KEY (name)
);
comment on table project is 'Projects: name spaces of realms.';

create table realm (
  project text collate "C" not null,
  name text collate "C" not null,
  extends text[] collate "C" not null,
  constraint realm_pkey PRIMARY KEY (project, name)
);
comment on table realm is 'Realms by their local names.';

create table request (
  author text collate "C" not null,
  request_id text collate "C" not null,
  request_hash text collate "C" not null,
  revision bigint not null,
  changed boolean not null,
  constraint request_revision_check CHECK (revision >= 0),
  constraint request_pkey PRIMARY KEY (author, request_id)
);
comment on table request is 'What requests with an id came to, so that a repeat answers as the first one did and changes nothing.';
comment on column request.request_hash is 'Tells a repeat from another request that has the same id.';
comment on column request.revision is 'The revision that it made, or at which it found nothing to change.';
comment on column request.changed is 'Whether it made that revision.';

create table role (
  name text collate "C" not null,
  permissions text[] collate "C" not null,
  includes text[] collate "C" not null,
  unresolved boolean not null,
  managed_by text collate "C" not null,
  constraint role_pkey PRIMARY KEY (name)
);
comment on table role is 'Roles of the deployment beyond the built-in ones.';

create table schema_migration (
  version integer not null,
  name text collate "C" not null,
  checksum text collate "C" not null,
  breaking boolean not null,
  applied_at timestamp with time zone default now() not null,
  constraint schema_migration_pkey PRIMARY KEY (version)
);
comment on table schema_migration is 'The applied migrations.';

create table settings (
  singleton boolean default true not null,
  admins_group text collate "C" not null,
  bot_bootstrap_group text collate "C" not null,
  privileged_users_group text collate "C" not null,
  users_group text collate "C" not null,
  view_all_bots_group text collate "C" not null,
  view_all_tasks_group text collate "C" not null,
  readers_group text collate "C" not null,
  managed_by text collate "C" not null,
  reason_required boolean default false not null,
  constraint settings_singleton_check CHECK (singleton),
  constraint settings_pkey PRIMARY KEY (singleton)
);
comment on table settings is 'The settings of the deployment: no row or one. An empty group name stands for its default.';
comment on column settings.reason_required is 'Whether every change must say why.';

create table signing_key (
  purpose text collate "C" not null,
  id text collate "C" not null,
  state text collate "C" not null,
  created_at timestamp with time zone default now() not null,
  activated_at timestamp with time zone,
  passive_until timestamp with time zone,
  constraint signing_key_purpose_check CHECK (purpose = ANY (ARRAY['url'::text, 'assertion'::text, 'lookup'::text])),
  constraint signing_key_state_check CHECK (state = ANY (ARRAY['next'::text, 'active'::text, 'passive'::text, 'retired'::text])),
  constraint signing_key_pkey PRIMARY KEY (purpose, id)
);
CREATE UNIQUE INDEX signing_key_active_idx ON public.signing_key USING btree (purpose) WHERE (state = 'active'::text);
comment on table signing_key is 'Which keys are used. Their material is never here.';

create table signing_key_holder (
  replica uuid not null,
  seen_at timestamp with time zone not null,
  keys text[] collate "C" not null,
  constraint signing_key_holder_pkey PRIMARY KEY (replica)
);
comment on table signing_key_holder is 'Which replica has the material of which keys ("purpose/id").';

create table source (
  name text collate "C" not null,
  revision bigint not null,
  constraint source_pkey PRIMARY KEY (name)
);
comment on table source is 'Every source of configuration that ever changed something.';
comment on column source.revision is 'The last change of what it manages.';

create table subject (
  uid uuid not null,
  kind text collate "C" not null,
  subject_id text collate "C" not null,
  realm text collate "C" not null,
  pool text collate "C",
  bot_id text collate "C",
  generation integer default 1 not null,
  epoch bigint default 0 not null,
  state text collate "C" not null,
  instance_state text collate "C",
  agent_id bigint,
  trust text collate "C",
  ref text collate "C",
  default_ref text collate "C",
  delegated_user text collate "C",
  dependencies uuid[] default '{}'::uuid[] not null,
  deadline timestamp with time zone,
  report_until timestamp with time zone,
  one_time jsonb default '{}'::jsonb not null,
  one_time_references jsonb default '{}'::jsonb not null,
  version bigint default 1 not null,
  created_at timestamp with time zone default now() not null,
  created_by text collate "C" not null,
  ended_at timestamp with time zone,
  deleted_at timestamp with time zone,
  max_managers integer,
  constraint subject_bot_check CHECK (kind <> 'bot'::text OR instance_state IS NOT NULL),
  constraint subject_generation_check CHECK (generation >= 1),
  constraint subject_kind_check CHECK (kind = ANY (ARRAY['bot'::text, 'task'::text, 'runner'::text, 'manager'::text])),
  constraint subject_realm_check CHECK (realm <> ''::text),
  constraint subject_runner_check CHECK (kind <> 'runner'::text OR max_managers IS NOT NULL),
  constraint subject_task_check CHECK (kind <> 'task'::text OR trust IS NOT NULL AND deadline IS NOT NULL AND report_until IS NOT NULL),
  constraint subject_trust_check CHECK (trust = ANY (ARRAY['trusted'::text, 'untrusted'::text])),
  constraint subject_pkey PRIMARY KEY (uid)
);
CREATE INDEX subject_deadline_idx ON public.subject USING btree (deadline) WHERE ((kind = 'task'::text) AND (ended_at IS NULL));
CREATE INDEX subject_deleted_idx ON public.subject USING btree (kind, subject_id) WHERE (deleted_at IS NOT NULL);
CREATE INDEX subject_dependencies_idx ON public.subject USING gin (dependencies) WHERE ((kind = 'task'::text) AND (ended_at IS NULL) AND (dependencies <> '{}'::uuid[]));
CREATE INDEX subject_ended_idx ON public.subject USING btree (ended_at) WHERE (ended_at IS NOT NULL);
CREATE INDEX subject_realm_idx ON public.subject USING btree (realm, kind, subject_id) WHERE (deleted_at IS NULL);
CREATE UNIQUE INDEX subject_live_idx ON public.subject USING btree (kind, subject_id) WHERE (deleted_at IS NULL);
comment on table subject is 'Whom credentials stand for. A subject that is created anew under its id has another uid.';
comment on column subject.subject_id is 'The value of its identity.';
comment on column subject.bot_id is 'Of a task: the bot that executes it.';
comment on column subject.generation is 'The attempt to set a bot up; a credential of an earlier one is dead.';
comment on column subject.epoch is 'The fencing number: of the live session of a bot; of a task, what its signed URLs name.';
comment on column subject.state is 'Of the runner program of a bot; of a task; of a runner.';
comment on column subject.instance_state is 'Of the machine of a bot.';
comment on column subject.dependencies is 'The uids of the tasks whose published results a task may read.';
comment on column subject.one_time is 'By the name of a one-time secret: its fetch in this generation, {"at", "id", "by"}.';
comment on column subject.one_time_references is 'By the name of a one-time secret: where it is.';
comment on column subject.version is 'Rises with every change that replicas must hear of.';
comment on column subject.ended_at is 'When a task ended; when a bot was deleted.';
comment on column subject.deleted_at is 'Its id is free since then. The row stays until its credentials are past their retention.';
comment on column subject.max_managers is 'Of a runner: how many managers it may have.';

alter table api_key_use add constraint api_key_use_api_key_fkey FOREIGN KEY (id) REFERENCES api_key(id) ON DELETE CASCADE;
alter table binding add constraint binding_realm_fkey FOREIGN KEY (project, realm) REFERENCES realm(project, name) ON DELETE CASCADE;
alter table bot_group add constraint bot_group_managed_by_fkey FOREIGN KEY (managed_by) REFERENCES source(name);
alter table change_item add constraint change_item_change_fkey FOREIGN KEY (revision) REFERENCES change(revision) ON DELETE CASCADE;
alter table change_summary add constraint change_summary_change_fkey FOREIGN KEY (revision) REFERENCES change(revision) ON DELETE CASCADE;
alter table credential add constraint credential_subject_fkey FOREIGN KEY (subject_uid) REFERENCES subject(uid);
alter table custom_role add constraint custom_role_project_fkey FOREIGN KEY (project) REFERENCES project(name) ON DELETE CASCADE;
alter table delegation add constraint delegation_settings_fkey FOREIGN KEY (settings) REFERENCES settings(singleton) ON DELETE CASCADE;
alter table "group" add constraint group_managed_by_fkey FOREIGN KEY (managed_by) REFERENCES source(name);
alter table group_glob add constraint group_glob_group_fkey FOREIGN KEY (group_name) REFERENCES "group"(name) ON DELETE CASCADE;
alter table group_member add constraint group_member_group_fkey FOREIGN KEY (group_name) REFERENCES "group"(name) ON DELETE CASCADE;
alter table group_nested add constraint group_nested_group_fkey FOREIGN KEY (group_name) REFERENCES "group"(name) ON DELETE CASCADE;
alter table group_take_over add constraint group_take_over_group_fkey FOREIGN KEY (group_name) REFERENCES "group"(name) ON DELETE CASCADE;
alter table hold add constraint hold_task_fkey FOREIGN KEY (task_uid) REFERENCES subject(uid);
alter table manager add constraint manager_runner_fkey FOREIGN KEY (runner_uid) REFERENCES subject(uid);
alter table permission add constraint permission_managed_by_fkey FOREIGN KEY (managed_by) REFERENCES source(name);
alter table pool add constraint pool_managed_by_fkey FOREIGN KEY (managed_by) REFERENCES source(name);
alter table project add constraint project_managed_by_fkey FOREIGN KEY (managed_by) REFERENCES source(name);
alter table realm add constraint realm_project_fkey FOREIGN KEY (project) REFERENCES project(name) ON DELETE CASCADE;
alter table role add constraint role_managed_by_fkey FOREIGN KEY (managed_by) REFERENCES source(name);
alter table settings add constraint settings_managed_by_fkey FOREIGN KEY (managed_by) REFERENCES source(name);
alter table source add constraint source_change_fkey FOREIGN KEY (revision) REFERENCES change(revision);

CREATE OR REPLACE FUNCTION public.stamp_group()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.revision := (select d.revision + 1 from database as d);
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.stamp_groups()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'UPDATE' then
    update "group" as g set revision = d.revision + 1 from database as d
    where g.revision <> d.revision + 1
      and g.name in (select group_name from touched union all select group_name from became);
  elsif exists (select from touched) then
    update "group" as g set revision = d.revision + 1 from database as d
    where g.revision <> d.revision + 1 and g.name in (select group_name from touched);
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.summarize_items()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into change_summary as s (
    revision, kind, group_name, created, updated, deleted, first_seq, last_seq
  )
  select
    added.revision, added.kind,
    case
      when added.kind in (
        'group', 'group_member', 'group_glob', 'group_nested', 'group_take_over'
      )
      then split_part(added.key, ' ', 1)
      else ''
    end,
    count(*) filter (where added.op = 'create'),
    count(*) filter (where added.op = 'update'),
    count(*) filter (where added.op = 'delete'),
    min(added.seq), max(added.seq)
  from added
  group by 1, 2, 3
  on conflict (revision, kind, group_name) do update set
    created = s.created + excluded.created,
    updated = s.updated + excluded.updated,
    deleted = s.deleted + excluded.deleted,
    first_seq = least(s.first_seq, excluded.first_seq),
    last_seq = greatest(s.last_seq, excluded.last_seq);
  return null;
end
$function$;

CREATE TRIGGER change_item_summary AFTER INSERT ON public.change_item REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION summarize_items();
CREATE TRIGGER group_revision BEFORE INSERT OR UPDATE ON public."group" FOR EACH ROW EXECUTE FUNCTION stamp_group();
CREATE TRIGGER group_glob_created AFTER INSERT ON public.group_glob REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION stamp_groups();
CREATE TRIGGER group_glob_deleted AFTER DELETE ON public.group_glob REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION stamp_groups();
CREATE TRIGGER group_glob_updated AFTER UPDATE ON public.group_glob REFERENCING OLD TABLE AS touched NEW TABLE AS became FOR EACH STATEMENT EXECUTE FUNCTION stamp_groups();
CREATE TRIGGER group_member_created AFTER INSERT ON public.group_member REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION stamp_groups();
CREATE TRIGGER group_member_deleted AFTER DELETE ON public.group_member REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION stamp_groups();
CREATE TRIGGER group_member_updated AFTER UPDATE ON public.group_member REFERENCING OLD TABLE AS touched NEW TABLE AS became FOR EACH STATEMENT EXECUTE FUNCTION stamp_groups();
CREATE TRIGGER group_nested_created AFTER INSERT ON public.group_nested REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION stamp_groups();
CREATE TRIGGER group_nested_deleted AFTER DELETE ON public.group_nested REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION stamp_groups();
CREATE TRIGGER group_nested_updated AFTER UPDATE ON public.group_nested REFERENCING OLD TABLE AS touched NEW TABLE AS became FOR EACH STATEMENT EXECUTE FUNCTION stamp_groups();
