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

create table source (
  name text collate "C" not null,
  revision bigint not null,
  constraint source_pkey PRIMARY KEY (name)
);
comment on table source is 'Every source of configuration that ever changed something.';
comment on column source.revision is 'The last change of what it manages.';

alter table api_key_use add constraint api_key_use_api_key_fkey FOREIGN KEY (id) REFERENCES api_key(id) ON DELETE CASCADE;
alter table binding add constraint binding_realm_fkey FOREIGN KEY (project, realm) REFERENCES realm(project, name) ON DELETE CASCADE;
alter table bot_group add constraint bot_group_managed_by_fkey FOREIGN KEY (managed_by) REFERENCES source(name);
alter table change_item add constraint change_item_change_fkey FOREIGN KEY (revision) REFERENCES change(revision) ON DELETE CASCADE;
alter table change_summary add constraint change_summary_change_fkey FOREIGN KEY (revision) REFERENCES change(revision) ON DELETE CASCADE;
alter table custom_role add constraint custom_role_project_fkey FOREIGN KEY (project) REFERENCES project(name) ON DELETE CASCADE;
alter table delegation add constraint delegation_settings_fkey FOREIGN KEY (settings) REFERENCES settings(singleton) ON DELETE CASCADE;
alter table "group" add constraint group_managed_by_fkey FOREIGN KEY (managed_by) REFERENCES source(name);
alter table group_glob add constraint group_glob_group_fkey FOREIGN KEY (group_name) REFERENCES "group"(name) ON DELETE CASCADE;
alter table group_member add constraint group_member_group_fkey FOREIGN KEY (group_name) REFERENCES "group"(name) ON DELETE CASCADE;
alter table group_nested add constraint group_nested_group_fkey FOREIGN KEY (group_name) REFERENCES "group"(name) ON DELETE CASCADE;
alter table group_take_over add constraint group_take_over_group_fkey FOREIGN KEY (group_name) REFERENCES "group"(name) ON DELETE CASCADE;
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
