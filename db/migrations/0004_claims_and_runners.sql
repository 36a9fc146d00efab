-- One-time claims of jobs, runners with their managers, and gates.
--
-- Expand only: the release before runs on this, and takes no notice of it.

alter table subject
  add column max_managers integer,
  add constraint subject_runner_check check (kind <> 'runner' or max_managers is not null);
comment on column subject.state is 'Of the runner program of a bot; of a task; of a runner.';
comment on column subject.max_managers is 'Of a runner: how many managers it may have.';

alter table credential
  add column system_id text collate "C",
  add column rotated_at timestamptz;
comment on column credential.system_id is 'Of a runner token: the manager whose it is.';
comment on column credential.rotated_at is 'When another one took its place; it goes on until its expiry.';
create index credential_manager_idx on credential (subject_uid, system_id) where system_id is not null;
comment on column credential.max_uses is 'Of an enrolment token: how often it may be used.';

create table manager (
  runner_uid uuid not null,
  system_id text collate "C" not null,
  credential_id text collate "C" not null,
  enrolled_by text collate "C" not null,
  nonce_hash bytea,
  enrolled_at timestamptz not null default now(),
  constraint manager_pkey primary key (runner_uid, system_id),
  constraint manager_runner_fkey foreign key (runner_uid) references subject (uid),
  constraint manager_system_id_check check (length(system_id) between 1 and 64)
);
comment on table manager is 'A machine that works for a runner. Its credentials stand for the runner.';
comment on column manager.credential_id is 'The newest of its credentials.';
comment on column manager.enrolled_by is 'The enrolment token by which it came.';
comment on column manager.nonce_hash is 'SHA-256 of the nonce with which it enrolled.';

create table manager_contact (
  runner_uid uuid not null,
  system_id text collate "C" not null,
  contacted_at timestamptz,
  is_ready boolean not null default false,
  source text collate "C",
  info jsonb not null default '{}',
  constraint manager_contact_pkey primary key (runner_uid, system_id)
) with (fillfactor = 70);
comment on table manager_contact is 'When managers were heard of: no part of any version, at most one write a minute each.';
comment on column manager_contact.contacted_at is 'Null: never, but it said who it is when it enrolled.';
comment on column manager_contact.is_ready is 'Whether it ever said that it is ready for work.';
comment on column manager_contact.info is 'What it says of itself.';

create table claim (
  uid uuid not null,
  job_id text collate "C" not null,
  realm text collate "C" not null,
  opener text collate "C" not null,
  opener_uid uuid,
  opener_generation integer,
  state text collate "C" not null default 'pending',
  credential_id text collate "C" not null,
  secret_hash bytea,
  deadline timestamptz not null,
  opened_at timestamptz not null default now(),
  ended_at timestamptz,
  terms jsonb not null,
  executor text collate "C" not null default '',
  payload text collate "C" not null default '',
  nonce_hash bytea,
  claimed_from text collate "C",
  task_uid uuid,
  task_credential_id text collate "C",
  error text collate "C",
  superseded_by uuid,
  version bigint not null default 1,
  constraint claim_pkey primary key (uid),
  constraint claim_realm_check check (realm <> ''),
  constraint claim_opener_check check ((opener_uid is null) = (opener_generation is null)),
  constraint claim_state_check check (
    state in ('pending', 'claimed', 'expired', 'canceled', 'failed', 'superseded')
  ),
  constraint claim_ended_check check ((state = 'pending') = (ended_at is null)),
  constraint claim_claimed_check check (state <> 'claimed' or task_uid is not null),
  constraint claim_secret_hash_check check (octet_length(secret_hash) = 32)
);
comment on table claim is 'A job that one worker may take. It has one terminal state, which its opener is told.';
comment on column claim.job_id is 'The id of the task that it becomes.';
comment on column claim.opener_uid is 'Of an opener that came by a credential of its own, a bot or a runner: its subject.';
comment on column claim.opener_generation is 'The generation of that subject: another attempt to set it up has no part in the claim.';
comment on column claim.credential_id is 'The public id of its token: 96 random bits in base64url, safe to log.';
comment on column claim.secret_hash is 'SHA-256 of the secret; null once it is wiped, a day after the end.';
comment on column claim.terms is 'With what the task is registered.';
comment on column claim.nonce_hash is 'SHA-256 of the nonce with which it was claimed.';
create unique index claim_credential_idx on claim (credential_id);
create unique index claim_pending_idx on claim (job_id) where state = 'pending';
create index claim_job_idx on claim (job_id, opened_at);
create index claim_realm_idx on claim (realm, opened_at, uid);
create index claim_deadline_idx on claim (deadline) where state = 'pending';
create index claim_ended_idx on claim (ended_at) where ended_at is not null;

create table gate (
  area text collate "C" not null,
  holder text collate "C" not null,
  reason text collate "C" not null default '',
  exclusive boolean not null default false,
  acquired_at timestamptz not null,
  acquired_by text collate "C" not null,
  lease_until timestamptz not null,
  constraint gate_pkey primary key (area, holder),
  constraint gate_area_check check (area in ('issue', 'fleet', 'all'))
);
comment on table gate is 'Who keeps which methods closed, as leases.';
