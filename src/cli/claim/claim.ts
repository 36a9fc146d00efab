import type { AddCommand } from "../cli.ts";
import { addClaimCancel } from "./cancel.ts";
import { addClaimExtend } from "./extend.ts";
import { addClaimGet } from "./get.ts";
import { addClaimList } from "./list.ts";
import { addClaimOpen } from "./open.ts";
import { addClaimPresent } from "./present.ts";
import { addClaimReport } from "./report.ts";
import { addClaimSupersede } from "./supersede.ts";
import { addClaimWatch } from "./watch.ts";

/** Adds `claim` and its commands. */
export const addClaim: AddCommand = (parent, cli) => {
  const claim = parent
    .command("claim")
    .description(
      "Hand a job to exactly one worker that has nothing but its id and a secret. For dispatchers; present is for the worker.",
    );
  addClaimOpen(claim, cli);
  addClaimPresent(claim, cli);
  addClaimGet(claim, cli);
  addClaimList(claim, cli);
  addClaimWatch(claim, cli);
  addClaimExtend(claim, cli);
  addClaimSupersede(claim, cli);
  addClaimCancel(claim, cli);
  addClaimReport(claim, cli);
};
