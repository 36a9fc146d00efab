-- Takes from the runtime what it never does: the log of changes, the accepted restores and the record of migrations
-- are only ever appended to, and the database row is never removed. Run it as fleetgate_migrator after each
-- `fleetgate migrate`; it may be repeated.
--
--   psql --set ON_ERROR_STOP=1 --dbname fleetgate --username fleetgate_migrator --file deploy/postgres/protect-log.sql

revoke update, delete on change, change_item, accepted_restore from fleetgate_runtime;
-- The trigger that counts the items of a change updates it.
revoke delete on change_summary from fleetgate_runtime;
revoke insert, update, delete on schema_migration from fleetgate_runtime;
revoke insert, delete on database from fleetgate_runtime;
