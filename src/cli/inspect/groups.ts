import { create } from "@bufbuild/protobuf";
import { quote } from "../../domain/quote.ts";
import {
  LookupPrincipalResponseSchema,
  type GroupMembership,
} from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { usageError } from "../cli-error.ts";
import { withFreshness, type FreshnessOptions } from "../check/check-options.ts";
import { examples, type AddCommand } from "../cli.ts";
import { exitCodes } from "../exit-code.ts";
import { plain, printList, printMessage, printNotes, toColumns } from "../print.ts";
import { fetchList } from "./fetch-list.ts";

const groupPrefix = "group:";

/** Adds `inspect groups`. */
export const addInspectGroups: AddCommand = (parent, cli) => {
  withFreshness(parent.command("groups"))
    .argument("<principal>", "an identity, a glob, or group:name", filledArgument)
    .description(
      "List every group that holds an identity, a glob or a group, directly or not, and how. For readers.",
    )
    .addHelpText(
      "after",
      examples(
        ["which groups is she in?", "fleetgate inspect groups user:ann@example.com"],
        ["which groups nest this one?", "fleetgate inspect groups group:linux-devs"],
        ["where does this glob stand?", 'fleetgate inspect groups "user:*@example.com"'],
      ),
    )
    .action(
      cli.action(async (text: string, options: FreshnessOptions) => {
        const principal = readPrincipal(text);
        const pages = await fetchList(cli, options, (client, page) =>
          client.lookupPrincipal({ principal, ...page }),
        );
        const memberships = pages.flatMap((page) => page.memberships);
        const [{ revisionToken, totalSize }] = pages;
        if (cli.globals().json) {
          const whole = { revisionToken, memberships, totalSize };
          printMessage(
            cli.io,
            LookupPrincipalResponseSchema,
            create(LookupPrincipalResponseSchema, whole),
          );
        } else if (memberships.length === 0) {
          printNotes(cli.io, "in no group");
        } else {
          printList(cli.io, toColumns([["GROUP", "SOURCE", "HOW"], ...memberships.map(toRow)]));
        }
        return exitCodes.ok;
      }),
    );
};

/**
 * What the text names. No identity holds a star, and no kind of identities is called group. A text without a
 * colon is none of them: most often it is the bare name of a group.
 */
function readPrincipal(text: string): {
  readonly case: "identity" | "glob" | "group";
  readonly value: string;
} {
  if (text.startsWith(groupPrefix)) return { case: "group", value: text.slice(groupPrefix.length) };
  if (!text.includes(":")) {
    const hint = 'a group is written as "group:name", people as "user:name@domain"';
    throw usageError(`${quote(text)} is no identity, glob or group`, hint);
  }
  return { case: text.includes("*") ? "glob" : "identity", value: text };
}

function toRow({ group, member, globs, nested, source }: GroupMembership): readonly string[] {
  const how = [
    ...(member === "" ? [] : [`lists ${plain(member)}`]),
    ...(globs.length === 0 ? [] : [`has the glob ${globs.map(plain).join(", ")}`]),
    ...(nested.length === 0 ? [] : [`nests ${nested.map(quote).join(", ")}`]),
  ];
  return [plain(group), source === "" ? "by hand" : plain(source), how.join("; ")];
}
