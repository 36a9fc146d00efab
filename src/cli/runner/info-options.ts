import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Command } from "commander";
import type { ManagerInfoSchema } from "../../gen/fleetgate/credential/v1/runner_service_pb.ts";
import { filledArgument, repeatableOption } from "../arguments.ts";

/** What a machine says of itself. */
export interface InfoOptions {
  readonly name?: string;
  readonly programVersion?: string;
  readonly programRevision?: string;
  readonly platform?: string;
  readonly architecture?: string;
  readonly executor?: string;
  readonly label: readonly string[];
}

/** Adds the options of InfoOptions. */
export function withInfoOptions(command: Command): Command {
  return command
    .option("--name <text>", "what the machine calls itself", filledArgument)
    .option("--program-version <text>", "the version of its runner program", filledArgument)
    .option("--program-revision <text>", "the revision of that program", filledArgument)
    .option("--platform <text>", "its platform, e.g. linux", filledArgument)
    .option("--architecture <text>", "its architecture, e.g. amd64", filledArgument)
    .option("--executor <text>", "how it executes jobs, e.g. docker", filledArgument)
    .addOption(repeatableOption("--label <text>", "a label"));
}

/** What the options say, as a request has it; nothing when they say nothing. */
export function infoField(options: InfoOptions): {
  readonly info?: MessageInitShape<typeof ManagerInfoSchema>;
} {
  const { name = "", platform = "", architecture = "", executor = "", label } = options;
  const { programVersion: version = "", programRevision: revision = "" } = options;
  const texts = [name, version, revision, platform, architecture, executor, ...label];
  if (texts.every((text) => text === "")) return {};
  const info = { name, version, revision, platform, architecture, executor, labels: [...label] };
  return { info };
}
