import { examples, type AddCommand } from "../cli.ts";
import { addMembers, withMembers, type MemberOptions } from "./edit-members.ts";

/** Adds `group add`. */
export const addGroupAdd: AddCommand = (parent, cli) => {
  withMembers(parent.command("add"))
    .description(
      "Add members to a group, and touch nothing else. Whoever is a member already stays as typed.",
    )
    .addHelpText(
      "after",
      examples(
        [
          "one more",
          'fleetgate group add linux-devs user:bob@example.com --reason "joined the team"',
        ],
        ["who would gain what?", "fleetgate group add linux-devs user:bob@example.com --dry-run"],
        ["many at once", "fleetgate group add contractors --from-file contractors.txt"],
      ),
    )
    .action(
      cli.action((group: string, members: string[], options: MemberOptions) =>
        addMembers(cli, group, members, options),
      ),
    );
};
