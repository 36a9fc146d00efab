import { examples, type AddCommand } from "../cli.ts";
import { removeMembers, withMembers, type MemberOptions } from "./edit-members.ts";

/** Adds `group remove`. */
export const addGroupRemove: AddCommand = (parent, cli) => {
  withMembers(parent.command("remove"))
    .description(
      "Remove members from a group, and touch nothing else. Whoever is no member is passed over.",
    )
    .addHelpText(
      "after",
      examples(
        [
          "one less, and nobody else may lose anything",
          "fleetgate group remove linux-devs user:bob@example.com --max-lost 1",
        ],
        ["many at once", "fleetgate group remove contractors --from-file contractors.txt"],
      ),
    )
    .action(
      cli.action((group: string, members: string[], options: MemberOptions) =>
        removeMembers(cli, group, members, options),
      ),
    );
};
