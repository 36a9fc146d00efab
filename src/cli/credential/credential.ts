import type { AddCommand } from "../cli.ts";
import { addCredentialAudit } from "./audit.ts";
import { addCredentialGet } from "./get.ts";
import { addCredentialList } from "./list.ts";
import { addCredentialRevoke } from "./revoke.ts";
import { addCredentialRotate } from "./rotate.ts";
import { addCredentialSweep } from "./sweep.ts";

/** Adds `credential` and its commands. */
export const addCredential: AddCommand = (parent, cli) => {
  const credential = parent
    .command("credential")
    .description(
      "Look what became of credentials of bots, tasks and runners, end them, and replace those of runners.",
    );
  addCredentialGet(credential, cli);
  addCredentialList(credential, cli);
  addCredentialRevoke(credential, cli);
  addCredentialRotate(credential, cli);
  addCredentialAudit(credential, cli);
  addCredentialSweep(credential, cli);
};
