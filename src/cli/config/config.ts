import type { AddCommand } from "../cli.ts";
import { addConfigApply } from "./apply.ts";
import { addConfigDiff } from "./diff.ts";
import { addConfigExport } from "./export.ts";
import { addConfigLint } from "./lint.ts";
import { addConfigTest } from "./test.ts";
import { addConfigValidate } from "./validate.ts";

/** Adds `config` and its commands. */
export const addConfig: AddCommand = (parent, cli) => {
  const config = parent
    .command("config")
    .description("Validate, test, lint, compare, apply and export the configuration of the fleet.");
  addConfigValidate(config, cli);
  addConfigTest(config, cli);
  addConfigLint(config, cli);
  addConfigDiff(config, cli);
  addConfigApply(config, cli);
  addConfigExport(config, cli);
};
