import { readConfiguration, type ConfigFile } from "./read-configuration.ts";
import { serveInMemory, type InMemoryFleetgate } from "./in-memory.ts";
import { createMemoryReplica } from "./memory-replica.ts";

/** What an engine Fleetgate is made of. */
export interface EngineFleetgateOptions {
  /** The configuration: the text of one file, or files. */
  readonly yaml: string | readonly ConfigFile[];
  /** Who asks: the identity of the usual peer; unless given, `service:tested`. */
  readonly peer?: string;
}

/** A Fleetgate that answers by the real engine from a configuration in memory. */
export interface EngineFleetgate extends InMemoryFleetgate {
  /**
   * Puts a configuration in the place of the one before: the next call is answered from it. Returns the
   * revision token of the change. Throws InvalidConfigError, and then nothing has changed.
   */
  apply(yaml: string | readonly ConfigFile[]): string;
  /** The token of the newest revision. */
  readonly revisionToken: string;
}

/**
 * Creates a Fleetgate in memory with the rules, orders and texts of the server: credentials, delegations, checks,
 * explanations. It has no admin services (UNIMPLEMENTED) and keeps nothing. Throws InvalidConfigError with
 * all problems at once.
 */
export function createEngineFleetgate({
  yaml,
  peer = "service:tested",
}: EngineFleetgateOptions): EngineFleetgate {
  const replica = createMemoryReplica(readConfiguration(yaml));
  return {
    ...serveInMemory({ replica, peer }),
    apply: (changed) => {
      replica.configure(readConfiguration(changed));
      return replica.state().revisionToken;
    },
    get revisionToken() {
      return replica.state().revisionToken;
    },
  };
}
