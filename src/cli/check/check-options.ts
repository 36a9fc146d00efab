import type { MessageInitShape } from "@bufbuild/protobuf";
import { Option, type Command } from "commander";
import type { ConsistencySchema } from "../../gen/fleetgate/acl/v1/consistency_pb.ts";
import { filledArgument, revisionArgument } from "../arguments.ts";

/** The options of every check. */
export interface FreshnessOptions {
  readonly atLeastAsFresh?: string;
  readonly fullyConsistent?: boolean;
  readonly atRevision?: bigint;
}

/** The options of checks whose caller is free. */
export interface CallerOptions extends FreshnessOptions {
  readonly caller?: string;
}

/** The options of checks of any permission. */
export interface PermissionOptions extends CallerOptions {
  readonly permission: string;
}

/** Whose permission a check is about, and which. */
export interface PermissionInput {
  /** Empty: the peer. */
  readonly caller: string;
  readonly permission: string;
}

/** Adds the options of CallerOptions and PermissionOptions. */
export function withPermission(command: Command): Command {
  command.requiredOption(
    "--permission <name>",
    "the permission, e.g. swarming.pools.listTasks",
    filledArgument,
  );
  return withCaller(command);
}

/** Adds the options of CallerOptions. */
export function withCaller(command: Command): Command {
  command.option(
    "--caller <identity>",
    "whose permission is checked, e.g. user:ann@example.com; needs a delegation (default: who the credential says you are)",
    filledArgument,
  );
  return withFreshness(command);
}

/** Adds the options of FreshnessOptions. */
export function withFreshness(command: Command): Command {
  return command
    .option(
      "--at-least-as-fresh <token>",
      "answer from the revision of this revision token or a later one",
      filledArgument,
    )
    .addOption(
      new Option(
        "--fully-consistent",
        "answer from every change committed by now; needs the database",
      ).conflicts("atLeastAsFresh"),
    )
    .addOption(
      new Option(
        "--at-revision <revision>",
        "answer as things were at this revision of the change log; for readers",
      )
        .argParser(revisionArgument)
        .conflicts(["atLeastAsFresh", "fullyConsistent"]),
    );
}

/** The part of a request that every check has. */
export function freshness(options: FreshnessOptions): {
  readonly consistency?: MessageInitShape<typeof ConsistencySchema>;
} {
  if (options.atLeastAsFresh !== undefined) {
    return {
      consistency: { requirement: { case: "atLeastAsFresh", value: options.atLeastAsFresh } },
    };
  }
  if (options.fullyConsistent === true) {
    return { consistency: { requirement: { case: "fullyConsistent", value: true } } };
  }
  if (options.atRevision !== undefined) {
    return { consistency: { requirement: { case: "atExactRevision", value: options.atRevision } } };
  }
  return {};
}

/**
 * The same for one page of a list: each page after the first is asked for at the revision of the first or later, so
 * that a server that is behind catches up instead of refusing the page token.
 */
export function pageFreshness(
  options: FreshnessOptions,
  first: { readonly revisionToken: string } | undefined,
): ReturnType<typeof freshness> {
  const isFixed = options.atRevision !== undefined;
  return freshness(
    first === undefined || isFixed ? options : { atLeastAsFresh: first.revisionToken },
  );
}

/** The part of a check that every one with a caller has. */
export function callerFields({ caller = "" }: CallerOptions): { readonly caller: string } {
  return { caller };
}

/** The part of a check that every one of a permission has. */
export function permissionFields(options: PermissionOptions): PermissionInput {
  return { permission: options.permission, ...callerFields(options) };
}
