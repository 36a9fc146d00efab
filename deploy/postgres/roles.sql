-- Two roles for one database: fleetgate_migrator owns the schema and runs `fleetgate migrate`;
-- fleetgate_runtime serves. Run it as a superuser in each new database, before the first migration or
-- before a back-up is restored into it; it may be repeated:
--
--   psql --set ON_ERROR_STOP=1 --dbname fleetgate --file deploy/postgres/roles.sql
--
-- It sets no passwords: use certificates, SCRAM passwords (\password) or what your provider offers.

-- Roles belong to the whole server, so another database of it may have made them already.
do $$
begin
  if not exists (select from pg_roles where rolname = 'fleetgate_migrator') then
    create role fleetgate_migrator login;
  end if;
  if not exists (select from pg_roles where rolname = 'fleetgate_runtime') then
    create role fleetgate_runtime login;
  end if;
end
$$;

-- Nobody else gets in, and only the migrator makes tables.
do $$
begin
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to fleetgate_migrator, fleetgate_runtime', current_database());
end
$$;
revoke all on schema public from public;
grant usage, create on schema public to fleetgate_migrator;
grant usage on schema public to fleetgate_runtime;

-- What the migrator makes, today and later, the runtime may read and write. It cannot change the schema.
alter default privileges for role fleetgate_migrator in schema public
  grant select, insert, update, delete on tables to fleetgate_runtime;
