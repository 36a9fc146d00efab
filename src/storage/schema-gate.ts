import { checkSchemaBy } from "./migrate.ts";
import { SchemaError, type SchemaStatus } from "./schema-status.ts";
import type { RunSql } from "./storage.ts";

/** Keeps a process from a database that was not there when it started, until its schema was looked at. */
export interface SchemaGate {
  /** For the option `admit` of a storage. */
  readonly admit: (run: RunSql) => Promise<void>;
  /** From now on nobody passes until the schema was found to fit. */
  readonly arm: () => void;
}

/** Who is told what a gate found. */
export interface SchemaGateEvents {
  /** The schema fits; these migrations are of a later release. */
  readonly onFit: (status: Pick<SchemaStatus, "ahead">) => void;
  /** This release must not touch the database; told again only when it is for another reason. */
  readonly onMisfit: (error: SchemaError) => void;
}

/** Creates a gate that lets everybody pass until it is armed. */
export function createSchemaGate(events: SchemaGateEvents): SchemaGate {
  let armed = false;
  let told: string | undefined;
  return {
    arm: () => {
      armed = true;
    },
    admit: async (run) => {
      if (!armed) return;
      try {
        const status = await checkSchemaBy(run);
        // Others may have passed meanwhile.
        if (isArmed()) events.onFit(status);
        armed = false;
      } catch (error) {
        if (error instanceof SchemaError && error.message !== told) {
          told = error.message;
          events.onMisfit(error);
        }
        throw error;
      }
    },
  };

  function isArmed(): boolean {
    return armed;
  }
}
