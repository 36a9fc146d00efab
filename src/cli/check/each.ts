import type { MessageInitShape } from "@bufbuild/protobuf";
import { isPermitted } from "../../client/packed-bits.ts";
import {
  AclService,
  BatchCheckPackedResponseSchema,
  type BatchCheckPackedRequestSchema,
} from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { usageError } from "../cli-error.ts";
import { examples, type AddCommand, type Cli } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { statusRegistry } from "../error-status.ts";
import { exitCodes, type ExitCode } from "../exit-code.ts";
import { contentLines } from "../group/member.ts";
import { readTexts } from "../group/read-text.ts";
import { plain, printList, printMessage } from "../print.ts";
import { withoutDecision } from "./require-decision.ts";
import {
  freshness,
  permissionFields,
  withPermission,
  type PermissionOptions,
} from "./check-options.ts";

interface EachOptions extends PermissionOptions {
  readonly fromFile?: string;
}

type Resources = NonNullable<MessageInitShape<typeof BatchCheckPackedRequestSchema>["resources"]>;

/** Adds `check each-pool`. */
export const addCheckEachPool: AddCommand = (parent, cli) => {
  addEach(parent, cli, {
    usage: "each-pool [pool...]",
    what: "pool",
    toResources: (names) => ({ case: "pools", value: { names } }),
    lines: [
      [
        "in which of these may I cancel tasks?",
        "fleetgate check each-pool chromium.tests chromium.gpu --permission swarming.pools.cancelTask",
      ],
      [
        "of a file, one a line",
        "fleetgate check each-pool --from-file pools.txt --permission swarming.pools.listTasks",
      ],
    ],
  });
};

/** Adds `check each-bot`. */
export const addCheckEachBot: AddCommand = (parent, cli) => {
  addEach(parent, cli, {
    usage: "each-bot [id...]",
    what: "bot",
    toResources: (ids) => ({ case: "bots", value: { ids } }),
    lines: [
      [
        "which of these may I terminate?",
        "fleetgate check each-bot vm1-m1 vm2-m1 --permission swarming.pools.terminateBot",
      ],
    ],
  });
};

interface Each {
  readonly usage: string;
  readonly what: "pool" | "bot";
  readonly toResources: (names: string[]) => Resources;
  readonly lines: readonly (readonly [what: string, line: string])[];
}

function addEach(
  parent: Parameters<AddCommand>[0],
  cli: Cli,
  { usage, what, toResources, lines }: Each,
): void {
  withPermission(parent.command(usage))
    .option("--from-file <file>", `${what}s, one a line; - for standard input`, filledArgument)
    .description(
      `Check a permission ${what === "pool" ? "in" : "on"} each of up to 1,000 ${what}s in one call, and print a line for each. Ends with 1 when one is denied.`,
    )
    .addHelpText("after", examples(...lines))
    .action(
      cli.action(async (named: string[], options: EachOptions) => {
        const names = await gather(cli, named, options.fromFile, what);
        return ask(cli, names, toResources(names), options);
      }),
    );
}

async function gather(
  cli: Cli,
  named: readonly string[],
  fromFile: string | undefined,
  what: string,
): Promise<string[]> {
  const texts = await readTexts(cli.io, fromFile === undefined ? [] : [fromFile]);
  const listed = texts.flatMap(({ text }) => [...contentLines(text)].map((line) => line.text));
  const names = [...named, ...listed];
  if (names.length === 0) throw usageError(`no ${what} is named`, "name some, or --from-file");
  return names;
}

async function ask(
  cli: Cli,
  names: readonly string[],
  resources: Resources,
  options: EachOptions,
): Promise<ExitCode> {
  const { json } = cli.globals();
  const response = await withConnection(cli, (connection) =>
    connection.client(AclService).batchCheckPacked({
      ...permissionFields(options),
      ...freshness(options),
      resources,
      // For people a line says all; what a program reads is as complete as BatchCheck.
      reasons: json,
    }),
  );
  const { permitted } = response;
  if (permitted.length !== Math.ceil(names.length / 8)) {
    throw withoutDecision();
  }
  const answers = names.map((_, index) => isPermitted(permitted, index));
  if (json) {
    printMessage(cli.io, BatchCheckPackedResponseSchema, response, { registry: statusRegistry });
  } else {
    const words = answers.map((answer) => (answer ? "permitted" : "denied   "));
    printList(
      cli.io,
      names.map((name, index) => `${words[index]}  ${plain(name)}`),
    );
  }
  return answers.every(Boolean) ? exitCodes.ok : exitCodes.denied;
}
