import type { ClientBase } from "pg";

/**
 * Bounds what a connection may do, and for how long the server keeps one whose other end has gone silent: it may
 * hold the lock that all writers want. These are no start-up parameters: connection poolers refuse such. Databases
 * that only speak like Postgres may lack the last ones and go without.
 */
export async function prepareSession(
  client: ClientBase,
  statementTimeoutMs: number,
): Promise<void> {
  await client.query(
    `set statement_timeout = ${statementTimeoutMs};
     set lock_timeout = 5000;
     set idle_in_transaction_session_timeout = 60000;
     select set_config(name, value, false)
     from (values ('tcp_keepalives_idle', '10'),
                  ('tcp_keepalives_interval', '2'),
                  ('tcp_keepalives_count', '5'),
                  ('tcp_user_timeout', '20000')) as wanted (name, value)
     where name in (select name from pg_settings)`,
  );
}
