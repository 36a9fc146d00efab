import type { MessageInitShape } from "@bufbuild/protobuf";
import { Option, type Command } from "commander";
import type { GuardsSchema } from "../../gen/fleetgate/admin/v1/effects_pb.ts";
import { countArgument } from "../arguments.ts";

/** The options that say what a change must not do. */
export interface GuardOptions {
  readonly maxGained?: number;
  readonly maxLost?: number;
  readonly allowLockOut?: boolean;
}

/** Adds the options of GuardOptions. */
export function withGuards(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--max-gained <count>",
        "refuse when more identities gain anything, or a glob does; for readers",
      ).argParser(countArgument),
    )
    .addOption(
      new Option(
        "--max-lost <count>",
        "refuse when more identities lose anything, or a glob does; for readers",
      ).argParser(countArgument),
    )
    .option(
      "--allow-lock-out",
      "permit a change that leaves no administrator, or takes from you the right to administer",
    );
}

/** The part of a request that says it. */
export function guardFields(options: GuardOptions): {
  readonly guards?: MessageInitShape<typeof GuardsSchema>;
} {
  const { maxGained, maxLost, allowLockOut = false } = options;
  if (maxGained === undefined && maxLost === undefined && !allowLockOut) return {};
  return {
    guards: {
      allowLockOut,
      ...(maxGained === undefined ? {} : { maxGained }),
      ...(maxLost === undefined ? {} : { maxLost }),
    },
  };
}
