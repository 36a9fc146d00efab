import { create } from "@bufbuild/protobuf";
import { quote } from "../../domain/quote.ts";
import {
  ListPrincipalsResponseSchema,
  type PermittedPrincipal,
} from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { withFreshness } from "../check/check-options.ts";
import { examples, type AddCommand } from "../cli.ts";
import { exitCodes } from "../exit-code.ts";
import { plain, printList, printMessage, printNotes, toColumns } from "../print.ts";
import { fetchList } from "./fetch-list.ts";
import { readPlace, type PlaceOptions } from "./place.ts";

interface PrincipalsOptions extends PlaceOptions {
  readonly permission: string;
}

/** Adds `inspect principals`. */
export const addInspectPrincipals: AddCommand = (parent, cli) => {
  withFreshness(parent.command("principals"))
    .description(
      "List everybody who has a permission in one place: identities, globs and groups. For readers.",
    )
    .requiredOption(
      "--permission <name>",
      "the permission, e.g. swarming.pools.listTasks",
      filledArgument,
    )
    .option("--server", "at the server level")
    .option("--pool <pool>", "in this pool", filledArgument)
    .option("--realm <realm>", "in this realm, project:realm", filledArgument)
    .option("--bot <id>", "on this bot", filledArgument)
    .option("--task <id>", "on this task; say more with the options below", filledArgument)
    .option("--task-realm <realm>", "the realm of the task, project:realm", filledArgument)
    .option("--task-pool <pool>", "the pool of the task", filledArgument)
    .option("--task-bot <id>", "its bot; counts when there is no pool", filledArgument)
    .option("--task-submitter <identity>", "who submitted it", filledArgument)
    .addHelpText(
      "after",
      examples(
        [
          "who may submit tasks to this pool?",
          "fleetgate inspect principals --permission swarming.pools.createTask --pool chromium.tests",
        ],
        [
          "who may see all bots?",
          "fleetgate inspect principals --permission swarming.pools.listBots --server",
        ],
        [
          "who may cancel this task?",
          "fleetgate inspect principals --permission swarming.tasks.cancel --task 5f2a10 --task-realm chromium:ci --task-pool chromium.tests",
        ],
      ),
    )
    .action(
      cli.action(async (options: PrincipalsOptions) => {
        const { permission } = options;
        const place = readPlace(options);
        const pages = await fetchList(cli, options, (client, page) =>
          client.listPrincipals({ permission, place, ...page }),
        );
        const principals = pages.flatMap((page) => page.principals);
        const [{ revisionToken, totalSize }] = pages;
        if (cli.globals().json) {
          const whole = { revisionToken, principals, totalSize };
          printMessage(
            cli.io,
            ListPrincipalsResponseSchema,
            create(ListPrincipalsResponseSchema, whole),
          );
        } else if (principals.length === 0) {
          printNotes(cli.io, "nobody");
        } else {
          printList(cli.io, toColumns([["KIND", "NAME", "VIA"], ...principals.map(toRow)]));
        }
        return exitCodes.ok;
      }),
    );
};

function toRow({ principal, via }: PermittedPrincipal): readonly string[] {
  return [
    principal.case ?? "unknown",
    plain(principal.value ?? ""),
    via.length === 0 ? "itself" : via.map(quote).join(", "),
  ];
}
