import { joinFiles } from "../located-config.ts";
import { formatPath, unknownPosition } from "../place.ts";
import type { ConfigProblem } from "../problem.ts";
import { createProblemList } from "../problem-list.ts";
import { readFiles, type ConfigFileInput } from "../read-files.ts";
import { collectKnown } from "../rules/known.ts";
import { validateConfiguration } from "../validate.ts";
import { findBroadGlobs } from "./broad-globs.ts";
import { findEmptyGroups } from "./empty-groups.ts";
import type { Finding, Report } from "./finding.ts";
import { findIdleBindings } from "./idle-bindings.ts";
import { createLintContext, type LintContext } from "./lint-context.ts";
import { findOpenDelegations } from "./open-delegations.ts";
import { findPoolsWithoutRealm } from "./pools-without-realm.ts";
import { findUnboundRoles } from "./unbound-roles.ts";
import { findUnknownGroups } from "./unknown-groups.ts";
import { findUnusedGroups } from "./unused-groups.ts";

/** Every rule by its name. */
export const lintRules: Readonly<Record<string, (context: LintContext, report: Report) => void>> = {
  "unused-group": findUnusedGroups,
  "unknown-group": findUnknownGroups,
  "empty-group": findEmptyGroups,
  "broad-glob": findBroadGlobs,
  "unbound-role": findUnboundRoles,
  "idle-binding": findIdleBindings,
  "pool-without-realm": findPoolsWithoutRealm,
  "open-delegation": findOpenDelegations,
};

/** The most findings that are kept. */
export const maxFindings = 1000;

/** What lint found. */
export type LintResult =
  | { readonly valid: false; readonly problems: readonly ConfigProblem[] }
  | {
      readonly valid: true;
      /** In the order of files and lines, at most maxFindings. */
      readonly findings: readonly Finding[];
      /** How many there are, those that were not kept included. */
      readonly total: number;
    };

/** Looks in files for what is valid and most likely not meant; they are taken for all there is. */
export function lintConfiguration(files: readonly ConfigFileInput[]): LintResult {
  const validated = validateConfiguration({ source: "lint", files, others: new Map() });
  if (validated.configuration === undefined) {
    const problems = validated.problems.filter(({ severity }) => severity === "error");
    return { valid: false, problems };
  }
  const problems = createProblemList();
  const config = joinFiles(readFiles(files, problems).files, problems);
  const context = createLintContext(config, collectKnown(config, []));
  const found: { readonly index: number; readonly finding: Finding }[] = [];
  let total = 0;
  for (const [rule, find] of Object.entries(lintRules)) {
    find(context, (place, message, hint) => {
      total += 1;
      if (total > maxFindings) return;
      const { file, segments } = place;
      const { line, column } = file?.locate(segments) ?? unknownPosition;
      const path = formatPath(segments);
      const at = { file: file?.path ?? "", line, column, path };
      const finding = { rule, ...at, message, hint: typeof hint === "string" ? hint : hint() };
      found.push({ index: file?.index ?? -1, finding });
    });
  }
  found.sort(
    (left, right) =>
      left.index - right.index ||
      left.finding.line - right.finding.line ||
      left.finding.column - right.finding.column,
  );
  return { valid: true, findings: found.map(({ finding }) => finding), total };
}
