-- Live administration: when each group was last changed, a log that is quick to list, and hashes of changes
-- that outlive the erasure of a person and the end of retention.
--
-- Expand only. The previous release writes none of the new columns: whatever must be right after its writes
-- is kept by triggers, whatever need not be is null or false after them.

alter table settings add column reason_required boolean not null default false;
comment on column settings.reason_required is 'Whether every change must say why.';

alter table change
  add column salt bytea,
  add column who_hash bytea,
  add column items_hash bytea,
  add column item_count integer,
  add column items_pruned boolean not null default false,
  add column erased boolean not null default false,
  add constraint change_form_check check (
    (who_hash is null and items_hash is null and item_count is null and salt is null)
    or (who_hash is not null and items_hash is not null and item_count is not null)
  ),
  add constraint change_salt_check check (octet_length(salt) = 16),
  add constraint change_who_hash_check check (octet_length(who_hash) = 32),
  add constraint change_items_hash_check check (octet_length(items_hash) = 32);
comment on table change is 'The log of all changes, one row a revision; only the erasure of a person and pruning update it.';
comment on column change.hash is 'Chains the change to the one before; src/storage/chain-hash.ts says how. Of the first form when who_hash is null.';
comment on column change.salt is '16 random bytes under who_hash; null when who was erased, and in the first form.';
comment on column change.who_hash is 'SHA-256 over salt, author, reason, source and request.';
comment on column change.items_hash is 'SHA-256 over the hashes of the items.';
comment on column change.item_count is 'How many items the change has, or had before they were pruned.';
comment on column change.items_pruned is 'Whether its items are kept no more.';
comment on column change.erased is 'Whether a person was erased from author, reason or request.';

alter table change_item
  add column salt bytea,
  add column hash bytea,
  add column erased boolean not null default false,
  add constraint change_item_salt_check check (octet_length(salt) = 16),
  add constraint change_item_hash_check check (octet_length(hash) = 32),
  add constraint change_item_hash_form_check check (salt is null or hash is null);
comment on column change_item.salt is '16 random bytes under the hash of the item; null when it was erased, and in the first form.';
comment on column change_item.hash is 'What its hash was, once the item is erased; else it is computed.';
comment on column change_item.erased is 'Whether a person was erased from key, before or after.';

-- The key may be too long for an index.
create index change_item_key_idx on change_item (kind, hashtextextended(key, 0), revision);
create index change_author_idx on change (
  (case when author like 'user:%' then lower(author) else author end), revision
);
create index change_at_idx on change (at, revision);
create index change_pruned_idx on change (revision) where items_pruned;

create table change_summary (
  revision bigint not null,
  kind text collate "C" not null,
  group_name text collate "C" not null,
  created integer not null,
  updated integer not null,
  deleted integer not null,
  first_seq integer not null,
  last_seq integer not null,
  constraint change_summary_pkey primary key (revision, kind, group_name),
  constraint change_summary_change_fkey foreign key (revision) references change (revision) on delete cascade
);
comment on table change_summary is 'How many entities of each kind, and of which group, a change touched. Kept by a trigger; stays when the items are pruned.';
comment on column change_summary.group_name is 'The group of items of a group; empty for all other kinds.';
comment on column change_summary.first_seq is 'These items have a seq from here, among others,';
comment on column change_summary.last_seq is 'to here.';

insert into change_summary (
  revision, kind, group_name, created, updated, deleted, first_seq, last_seq
)
select
  revision, kind,
  case
    when kind in ('group', 'group_member', 'group_glob', 'group_nested') then split_part(key, ' ', 1)
    else ''
  end,
  count(*) filter (where op = 'create'),
  count(*) filter (where op = 'update'),
  count(*) filter (where op = 'delete'),
  min(seq), max(seq)
from change_item
group by 1, 2, 3;

create index change_summary_group_idx on change_summary (group_name, revision) where group_name <> '';
create index change_summary_kind_idx on change_summary (kind, revision);

create function summarize_items() returns trigger language plpgsql as $$
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
$$;
create trigger change_item_summary after insert on change_item
  referencing new table as added for each statement execute function summarize_items();

alter table "group" add column revision bigint not null default 0;
comment on column "group".revision is 'The last change of the group, its members, globs or nestings. Kept by triggers.';

update "group" as g set revision = coalesce(
  (select max(s.revision) from change_summary as s where s.group_name = g.name and g.name <> ''),
  (select d.revision from database as d)
);

-- Writers hold the row of `database` and raise its revision after they have written: what they write
-- belongs to the next one.
create function stamp_group() returns trigger language plpgsql as $$
begin
  new.revision := (select d.revision + 1 from database as d);
  return new;
end
$$;
create trigger group_revision before insert or update on "group"
  for each row execute function stamp_group();

create function stamp_groups() returns trigger language plpgsql as $$
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
$$;

create trigger group_member_created after insert on group_member
  referencing new table as touched for each statement execute function stamp_groups();
create trigger group_member_updated after update on group_member
  referencing old table as touched new table as became
  for each statement execute function stamp_groups();
create trigger group_member_deleted after delete on group_member
  referencing old table as touched for each statement execute function stamp_groups();

create trigger group_glob_created after insert on group_glob
  referencing new table as touched for each statement execute function stamp_groups();
create trigger group_glob_updated after update on group_glob
  referencing old table as touched new table as became
  for each statement execute function stamp_groups();
create trigger group_glob_deleted after delete on group_glob
  referencing old table as touched for each statement execute function stamp_groups();

create trigger group_nested_created after insert on group_nested
  referencing new table as touched for each statement execute function stamp_groups();
create trigger group_nested_updated after update on group_nested
  referencing old table as touched new table as became
  for each statement execute function stamp_groups();
create trigger group_nested_deleted after delete on group_nested
  referencing old table as touched for each statement execute function stamp_groups();

create table accepted_restore (
  id uuid not null,
  at timestamptz not null,
  author text collate "C" not null,
  reason text collate "C" not null,
  constraint accepted_restore_pkey primary key (id)
);
comment on table accepted_restore is 'Each row: an operator declared the history that this database has now to be the valid one.';

create table group_take_over (
  group_name text collate "C" not null,
  source text collate "C" not null,
  author text collate "C" not null,
  reason text collate "C" not null,
  expires_at timestamptz not null,
  constraint group_take_over_pkey primary key (group_name),
  constraint group_take_over_group_fkey foreign key (group_name) references "group" (name) on delete cascade
);
comment on table group_take_over is 'A group that people edit until expires_at although a source manages it; the row stays until the source is applied next.';
comment on column group_take_over.source is 'The source that it was taken over from, and that manages it still.';
