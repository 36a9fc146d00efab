import type { AddCommand } from "../cli.ts";
import { addGateHold } from "./hold.ts";
import { addGateList } from "./list.ts";
import { addGateRelease } from "./release.ts";

/** Adds `gate` and its commands. */
export const addGate: AddCommand = (parent, cli) => {
  const gate = parent
    .command("gate")
    .description("Keep the fleet away while tables are locked, as by a migration.");
  addGateHold(gate, cli);
  addGateList(gate, cli);
  addGateRelease(gate, cli);
};
