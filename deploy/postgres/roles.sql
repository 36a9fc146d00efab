-- Two roles for one database: fleetgate_migrator owns the schema and runs `fleetgate migrate`;
-- fleetgate_runtime serves. Run it once as a superuser, in the new database, before the first migration:
--
--   psql --set ON_ERROR_STOP=1 --dbname fleetgate --file deploy/postgres/roles.sql
--
-- It sets no passwords: use certificates, SCRAM passwords (\password) or what your provider offers.

create role fleetgate_migrator login;
create role fleetgate_runtime login;

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
