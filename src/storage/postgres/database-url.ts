import { Client } from "pg";
import { invalidField, type DomainError } from "../../domain/errors.ts";

/** Where a Postgres URL leads, for people: holds no secret. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
}

/**
 * Checks a URL of Postgres and says where it leads. A password with an unescaped special character can
 * make a part of it look like the host or the database, which are shown to people: such a URL is refused.
 * Throws INVALID_FIELD without a trace of the URL.
 */
export function readDatabaseUrl(url: string): DatabaseAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !["postgres:", "postgresql:"].includes(parsed.protocol)) {
    throw refused("must be postgres://USER:PASSWORD@HOST:PORT/DATABASE");
  }
  const names = [...parsed.searchParams.keys()];
  if (
    url.includes("#") ||
    !/^(\/[^/@:]*)?$/.test(parsed.pathname) ||
    !names.every((name) => /^[a-z_]+$/.test(name))
  ) {
    throw refused("must have every special character of the user and password percent-encoded");
  }
  try {
    const { host, port, database } = new Client({ connectionString: url });
    return { host, port, database: database ?? "" };
  } catch {
    throw refused("must have valid parameters, and its certificate files must be readable");
  }
}

function refused(rule: string): DomainError {
  return invalidField("database_url", rule);
}
