import { readConfiguration } from "./read-configuration.ts";
import { serveInMemory, type InMemoryFleetgate } from "./in-memory.ts";
import { createMemoryReplica } from "./memory-replica.ts";
import { createTableChecks, type AskedQuestion } from "./table-checks.ts";
import { createTable, type TableAnswer, type TableRule } from "./table.ts";

/** What a table Fleetgate is made of. */
export interface TableFleetgateOptions {
  /** The first rule that fits a question answers it. */
  readonly rules?: readonly TableRule[];
  /** The answer to a question that no rule fits; unless given, "deny". */
  readonly otherwise?: TableAnswer;
  /** Who asks: the identity of the usual peer, and so the caller of a request that names none; unless given, `service:tested`. */
  readonly peer?: string;
}

/** A Fleetgate that answers by a table. */
export interface TableFleetgate extends InMemoryFleetgate {
  /** The checks that were asked since the beginning or the last `forget`, in order; those of a batch one by one. */
  readonly questions: readonly AskedQuestion[];
  /** Empties the record of questions. */
  forget(): void;
  /** Puts other rules in the place of those before. */
  setRules(rules: readonly TableRule[]): void;
}

// Permits nothing, and lets every peer ask about every caller but tasks, about whom nobody may ask.
const emptyConfiguration = `
settings:
  delegations: [{ group: peers }]
groups:
  - name: peers
    globs: ["user:*", "service:*", "bot:*", "project:*"]
`;

/**
 * Creates a Fleetgate in memory that answers by a table. What is not the decision is as in the server: malformed requests
 * are refused, a denial has the text and details of the real one, and a filter keeps the pools that the
 * table permits. A check of several pools looks each of them up; one "internal" makes its answer INTERNAL.
 * Every peer may ask about every caller. Throws for a rule that can never fit.
 */
export function createTableFleetgate({
  rules = [],
  otherwise = "deny",
  peer = "service:tested",
}: TableFleetgateOptions = {}): TableFleetgate {
  let look = createTable(rules, otherwise);
  let questions: AskedQuestion[] = [];
  const checks = createTableChecks(
    (question) => look(question),
    (asked) => {
      questions.push(asked);
    },
  );
  const replica = createMemoryReplica(readConfiguration(emptyConfiguration));
  return {
    ...serveInMemory({ replica, peer, checks }),
    get questions() {
      return questions;
    },
    forget: () => {
      questions = [];
    },
    setRules: (changed) => {
      look = createTable(changed, otherwise);
    },
  };
}
