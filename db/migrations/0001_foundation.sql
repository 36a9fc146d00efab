-- The foundation: where the database stands, the log of all changes, and the state they lead to.
--
-- Names compare bytewise: every text column has collation "C". The columns of an entity's table are the
-- fields of its body; one row of change_item holds the same body as JSON.

create table database (
  singleton boolean not null default true,
  database_id uuid not null default gen_random_uuid(),
  revision bigint not null default 0,
  chain_hash bytea not null default decode(repeat('00', 32), 'hex'),
  -- gen_random_uuid is the only strong source of randomness that needs no extension: 122 bits a call.
  token_key bytea not null default sha256(
    uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
  ),
  updated_at timestamptz not null default date_trunc('milliseconds', now()),
  constraint database_pkey primary key (singleton),
  constraint database_singleton_check check (singleton),
  constraint database_revision_check check (revision >= 0),
  constraint database_chain_hash_check check (octet_length(chain_hash) = 32),
  constraint database_token_key_check check (octet_length(token_key) = 32)
);
comment on table database is 'One row: where this database stands. Every writer locks it first, so that revisions are a total order without holes.';
comment on column database.database_id is 'Made once. Tells revision tokens of this database from those of others.';
comment on column database.chain_hash is 'The hash of the newest change; 32 zero bytes before the first.';
comment on column database.token_key is 'Secret key of etags and page tokens.';

insert into database default values;

create table change (
  revision bigint not null,
  at timestamptz not null,
  author text collate "C" not null,
  reason text collate "C" not null,
  source text collate "C",
  request_id text collate "C",
  request_hash text collate "C",
  prev_hash bytea not null,
  hash bytea not null,
  constraint change_pkey primary key (revision),
  constraint change_revision_check check (revision > 0),
  constraint change_request_check check ((request_id is null) = (request_hash is null)),
  constraint change_prev_hash_check check (octet_length(prev_hash) = 32),
  constraint change_hash_check check (octet_length(hash) = 32)
);
comment on table change is 'The log of all changes, one row a revision, never updated.';
comment on column change.at is 'In whole milliseconds, never before that of the change before.';
comment on column change.source is 'The source whose configuration was applied; null for all other changes.';
comment on column change.request_id is 'The request id of the author, if any.';
comment on column change.hash is 'SHA-256 over prev_hash, this row and its items; src/storage/chain-hash.ts says how.';

create table change_item (
  revision bigint not null,
  seq integer not null,
  kind text collate "C" not null,
  key text collate "C" not null,
  op text collate "C" not null,
  before jsonb,
  after jsonb,
  constraint change_item_pkey primary key (revision, seq),
  constraint change_item_change_fkey foreign key (revision) references change (revision) on delete cascade,
  constraint change_item_op_check check (
    (op = 'create' and before is null and after is not null)
    or (op = 'update' and before is not null and after is not null)
    or (op = 'delete' and before is not null and after is null)
  )
);
comment on table change_item is 'What a change did to each entity, in order of seq from 1.';
comment on column change_item.kind is 'The kind of entity: the name of its table.';
comment on column change_item.key is 'Which entity of the kind, for people.';
comment on column change_item.before is 'Its body before the change; null: it was created.';
comment on column change_item.after is 'Its body after the change; null: it was deleted.';

create table request (
  author text collate "C" not null,
  request_id text collate "C" not null,
  request_hash text collate "C" not null,
  revision bigint not null,
  changed boolean not null,
  constraint request_pkey primary key (author, request_id),
  constraint request_revision_check check (revision >= 0)
);
comment on table request is 'What requests with an id came to, so that a repeat answers as the first one did and changes nothing.';
comment on column request.request_hash is 'Tells a repeat from another request that has the same id.';
comment on column request.revision is 'The revision that it made, or at which it found nothing to change.';
comment on column request.changed is 'Whether it made that revision.';

create table source (
  name text collate "C" not null,
  revision bigint not null,
  constraint source_pkey primary key (name),
  constraint source_change_fkey foreign key (revision) references change (revision)
);
comment on table source is 'Every source of configuration that ever changed something.';
comment on column source.revision is 'The last change of what it manages.';

create table settings (
  singleton boolean not null default true,
  admins_group text collate "C" not null,
  bot_bootstrap_group text collate "C" not null,
  privileged_users_group text collate "C" not null,
  users_group text collate "C" not null,
  view_all_bots_group text collate "C" not null,
  view_all_tasks_group text collate "C" not null,
  readers_group text collate "C" not null,
  managed_by text collate "C" not null,
  constraint settings_pkey primary key (singleton),
  constraint settings_singleton_check check (singleton),
  constraint settings_managed_by_fkey foreign key (managed_by) references source (name)
);
comment on table settings is 'The settings of the deployment: no row or one. An empty group name stands for its default.';

create table delegation (
  content_hash bytea not null,
  settings boolean not null default true,
  group_name text collate "C" not null,
  caller_globs text[] collate "C" not null,
  permissions text[] collate "C" not null,
  realms text[] collate "C" not null,
  constraint delegation_pkey primary key (content_hash),
  constraint delegation_content_hash_check check (octet_length(content_hash) = 32),
  constraint delegation_settings_fkey foreign key (settings) references settings (singleton) on delete cascade
);
comment on table delegation is 'Who may ask on behalf of whom; part of the settings. An empty list stands for any.';
comment on column delegation.content_hash is 'SHA-256 of the body in canonical JSON: a delegation has no name.';

create table permission (
  name text collate "C" not null,
  attributes text[] collate "C" not null,
  managed_by text collate "C" not null,
  constraint permission_pkey primary key (name),
  constraint permission_managed_by_fkey foreign key (managed_by) references source (name)
);
comment on table permission is 'Permissions beyond the built-in ones.';

create table role (
  name text collate "C" not null,
  permissions text[] collate "C" not null,
  includes text[] collate "C" not null,
  unresolved boolean not null,
  managed_by text collate "C" not null,
  constraint role_pkey primary key (name),
  constraint role_managed_by_fkey foreign key (managed_by) references source (name)
);
comment on table role is 'Roles of the deployment beyond the built-in ones.';

create table project (
  name text collate "C" not null,
  managed_by text collate "C" not null,
  constraint project_pkey primary key (name),
  constraint project_managed_by_fkey foreign key (managed_by) references source (name)
);
comment on table project is 'Projects: name spaces of realms.';

create table custom_role (
  project text collate "C" not null,
  name text collate "C" not null,
  permissions text[] collate "C" not null,
  includes text[] collate "C" not null,
  unresolved boolean not null,
  constraint custom_role_pkey primary key (project, name),
  constraint custom_role_project_fkey foreign key (project) references project (name) on delete cascade
);
comment on table custom_role is 'Roles that only their project can bind.';

create table realm (
  project text collate "C" not null,
  name text collate "C" not null,
  extends text[] collate "C" not null,
  constraint realm_pkey primary key (project, name),
  constraint realm_project_fkey foreign key (project) references project (name) on delete cascade
);
comment on table realm is 'Realms by their local names.';

create table binding (
  project text collate "C" not null,
  realm text collate "C" not null,
  role text collate "C" not null,
  condition_hash bytea not null,
  conditions jsonb not null,
  principals text[] collate "C" not null,
  constraint binding_pkey primary key (project, realm, role, condition_hash),
  constraint binding_condition_hash_check check (octet_length(condition_hash) = 32),
  constraint binding_realm_fkey foreign key (project, realm) references realm (project, name) on delete cascade
);
comment on table binding is 'Bindings of a realm: one for each role and list of conditions.';
comment on column binding.condition_hash is 'SHA-256 of the conditions in canonical JSON: they may be too long for an index.';

create table pool (
  name text collate "C" not null,
  realm text collate "C" not null,
  default_task_realm text collate "C" not null,
  managed_by text collate "C" not null,
  constraint pool_pkey primary key (name),
  constraint pool_managed_by_fkey foreign key (managed_by) references source (name)
);
comment on table pool is 'Pools and the full names of their realms, which need not exist.';

create table bot_group (
  name text collate "C" not null,
  bot_ids text[] collate "C" not null,
  bot_id_prefixes text[] collate "C" not null,
  pools text[] collate "C" not null,
  managed_by text collate "C" not null,
  constraint bot_group_pkey primary key (name),
  constraint bot_group_managed_by_fkey foreign key (managed_by) references source (name)
);
comment on table bot_group is 'Bot groups, which give bots their pools.';

create table "group" (
  name text collate "C" not null,
  description text collate "C" not null,
  owners text collate "C" not null,
  managed_by text collate "C",
  constraint group_pkey primary key (name),
  constraint group_managed_by_fkey foreign key (managed_by) references source (name)
);
comment on table "group" is 'Groups.';
comment on column "group".managed_by is 'The source that manages it; null: it is edited by hand.';

create table group_member (
  group_name text collate "C" not null,
  identity text collate "C" not null,
  member text collate "C" not null,
  constraint group_member_pkey primary key (group_name, identity),
  constraint group_member_group_fkey foreign key (group_name) references "group" (name) on delete cascade
);
comment on table group_member is 'Members of groups: a set of identities.';
comment on column group_member.identity is 'The identity as it is compared: user: identities in lower case.';
comment on column group_member.member is 'The identity as it was typed.';

create table group_glob (
  group_name text collate "C" not null,
  glob text collate "C" not null,
  constraint group_glob_pkey primary key (group_name, glob),
  constraint group_glob_group_fkey foreign key (group_name) references "group" (name) on delete cascade
);
comment on table group_glob is 'Globs of groups: whoever matches one is a member.';

create table group_nested (
  group_name text collate "C" not null,
  nested text collate "C" not null,
  constraint group_nested_pkey primary key (group_name, nested),
  constraint group_nested_group_fkey foreign key (group_name) references "group" (name) on delete cascade
);
comment on table group_nested is 'Groups whose members are members of another group too. They need not exist.';

create table api_key (
  id text collate "C" not null,
  identity text collate "C" not null,
  description text collate "C" not null,
  secret_hash bytea not null,
  created_at timestamptz not null,
  created_by text collate "C" not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  constraint api_key_pkey primary key (id),
  constraint api_key_secret_hash_check check (octet_length(secret_hash) = 32)
);
comment on table api_key is 'API keys. The secret itself is kept nowhere.';
comment on column api_key.secret_hash is 'SHA-256 of the secret.';

create table api_key_use (
  id text collate "C" not null,
  last_used_at timestamptz not null,
  constraint api_key_use_pkey primary key (id),
  constraint api_key_use_api_key_fkey foreign key (id) references api_key (id) on delete cascade
);
comment on table api_key_use is 'When each API key was last used: no part of any revision.';
