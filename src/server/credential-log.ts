import type { Logger } from "pino";
import type { CredentialOptions } from "../credentials/open-credentials.ts";

/** Writes what happens to the following of credentials into the log. */
export function createCredentialLog(
  log: Logger,
): Pick<CredentialOptions, "events" | "watch" | "gateEvents" | "claimEvents"> {
  return {
    events: {
      onFailure: (error) =>
        log.error(
          { err: error },
          "the log of changes of credentials cannot be read; it is tried again twice a second",
        ),
      onRecovery: () => log.info("the log of changes of credentials is followed again"),
    },
    watch: {
      onLost: (error) =>
        log.warn({ err: error }, "notifications about credentials are lost; the log is polled"),
      onRestored: () => log.info("notifications about credentials arrive again"),
    },
    gateEvents: {
      onFailure: (error) =>
        log.error(
          { err: error },
          "which gates are held cannot be read; what was known goes on until its leases end",
        ),
      onRecovery: () => log.info("gates are followed again"),
      onChange: (area, closed) =>
        log.warn({ area }, closed ? "a gate was closed by an operator" : "a gate is open again"),
    },
    claimEvents: {
      onFailure: (error) =>
        log.error(
          { err: error },
          "claims that are watched cannot be read; their watchers hear nothing",
        ),
      onRecovery: () => log.info("claims that are watched are read again"),
    },
  };
}
