import type { Command } from "commander";
import type { FreshnessOptions, PermissionInput } from "./check-options.ts";

/** One check as the contract has it, but for its consistency. */
export type CheckInput = DecidedCheck | FilterCheck;

/** A check that comes to yes or no. */
export type DecidedCheck =
  | { readonly case: "server"; readonly value: PermissionInput }
  | { readonly case: "pool"; readonly value: PermissionInput & { readonly pool: string } }
  | {
      readonly case: "allPools" | "anyPools";
      readonly value: PermissionInput & { readonly pools: string[] };
    }
  | { readonly case: "task"; readonly value: PermissionInput & { readonly task: TaskInput } }
  | { readonly case: "bot"; readonly value: PermissionInput & { readonly botId: string } }
  | {
      readonly case: "createInRealm";
      readonly value: { readonly caller: string; readonly realm: string };
    }
  | {
      readonly case: "actAs";
      readonly value: { readonly serviceAccount: string; readonly realm: string };
    };

/** A filter, which leaves some of the pools. */
export interface FilterCheck {
  readonly case: "filterPools";
  readonly value: PermissionInput & { readonly pools: string[] };
}

/** A task as it is described on the command line. */
export interface TaskInput {
  readonly taskId: string;
  readonly realm: string;
  readonly pool: string;
  readonly botId: string;
  readonly submitter: string;
}

/** How one kind of check is asked on the command line: by `check` whether, by `explain` why. */
export interface CheckQuestion<
  Argument,
  Options extends FreshnessOptions,
  Check extends CheckInput = DecidedCheck,
> {
  /** The name of the command and its argument. */
  readonly usage: string;
  readonly withOptions: (command: Command) => Command;
  readonly toCheck: (argument: Argument, options: Options) => Check;
}
