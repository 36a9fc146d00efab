import { create } from "@bufbuild/protobuf";
import type { Configuration } from "../domain/model.ts";
import { ConfigSchema } from "../gen/fleetgate/config/v1/config_pb.ts";
import { fromConfigMessage } from "./from-message.ts";
import { joinFiles, type Located, type LocatedConfig } from "./located-config.ts";
import type { ConfigProblem } from "./problem.ts";
import { createProblemList } from "./problem-list.ts";
import { readFiles, type ConfigFileInput } from "./read-files.ts";
import { checkBotGroups } from "./rules/bot-groups.ts";
import { checkClaims } from "./rules/claims.ts";
import { checkGroups } from "./rules/groups.ts";
import { collectKnown } from "./rules/known.ts";
import { checkOtherSources } from "./rules/other-sources.ts";
import { checkPermissions } from "./rules/permissions.ts";
import { checkPools } from "./rules/pools.ts";
import { checkProjects } from "./rules/projects.ts";
import { checkRoles } from "./rules/roles.ts";
import { checkSettings } from "./rules/settings.ts";

/** The files of one source, and what they are to fit with. */
export interface ValidationInput {
  readonly source: string;
  readonly files: readonly ConfigFileInput[];
  /** What all sources manage now; "" manages the groups edited by hand. `source` itself is not looked at. */
  readonly others: ReadonlyMap<string, Configuration>;
}

/** The outcome of a validation. */
export interface ValidationResult {
  /** In the order of files and lines; those that concern no file come first. */
  readonly problems: readonly ConfigProblem[];
  /** In canonical form; undefined when there is an error. */
  readonly configuration: Configuration | undefined;
}

/** Every rule of the configuration, one area each. */
const rules = [
  checkClaims,
  checkSettings,
  checkPermissions,
  checkRoles,
  checkProjects,
  checkPools,
  checkBotGroups,
  checkGroups,
  checkOtherSources,
];

/**
 * Checks the files of a source on their own and together with what the other sources manage, and finds
 * all problems at once. The files replace what the source manages now. Never throws.
 */
export function validateConfiguration(input: ValidationInput): ValidationResult {
  const problems = createProblemList();
  const { files, parsed } = readFiles(input.files, problems);
  const config = joinFiles(files, problems);
  // Without one of the files every reference into it would look broken.
  if (parsed) {
    const others = new Map(input.others);
    others.delete(input.source);
    const context = {
      config,
      others,
      known: collectKnown(config, others.values()),
      problems,
      missingGroups: new Set<string>(),
    };
    for (const rule of rules) rule(context);
  }
  return {
    problems: problems.list(),
    configuration: problems.hasErrors() ? undefined : toConfiguration(config),
  };
}

function toConfiguration(config: LocatedConfig): Configuration {
  const values = <T>(located: readonly Located<T>[]): T[] => located.map(({ value }) => value);
  const message = create(ConfigSchema);
  if (config.settings !== undefined) message.settings = config.settings.value;
  message.permissions = values(config.permissions);
  message.roles = values(config.roles);
  message.projects = values(config.projects);
  message.pools = values(config.pools);
  message.botGroups = values(config.botGroups);
  message.groups = values(config.groups);
  return fromConfigMessage(message);
}
