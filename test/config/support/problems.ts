import type { ConfigProblem } from "../../../src/config/problem.ts";
import type { ConfigFileInput } from "../../../src/config/read-files.ts";
import { validateConfiguration } from "../../../src/config/validate.ts";
import type { Configuration } from "../../../src/domain/model.ts";
import assert from "node:assert/strict";

/** A problem on one line: severity, file, position, path, message, and the hint in brackets. */
export function formatProblem(problem: ConfigProblem): string {
  const { severity, file, line, column, path, message, hint } = problem;
  return `${severity} ${file}:${line}:${column} ${path}: ${message}${hint && ` [${hint}]`}`;
}

/** The problems of texts, which are named a.yaml, b.yaml and so on, besides other sources. */
export function problemsOf(
  texts: string | readonly string[],
  others: Readonly<Record<string, string>> = {},
): string[] {
  const { problems } = validateConfiguration({
    source: "main",
    files: toFiles(texts),
    others: toSources(others),
  });
  return problems.map(formatProblem);
}

/** The configuration of texts that are valid. */
export function configurationOf(
  texts: string | readonly string[],
  others: Readonly<Record<string, string>> = {},
): Configuration {
  const { problems, configuration } = validateConfiguration({
    source: "main",
    files: toFiles(texts),
    others: toSources(others),
  });
  assert.ok(configuration, problems.map(formatProblem).join("\n"));
  return configuration;
}

/** Sources by their names, each from one text; each must be valid besides those before it. */
export function toSources(texts: Readonly<Record<string, string>>): Map<string, Configuration> {
  const sources = new Map<string, Configuration>();
  for (const [source, text] of Object.entries(texts)) {
    const files = toFiles(text);
    const { problems, configuration } = validateConfiguration({ source, files, others: sources });
    assert.ok(configuration, problems.map(formatProblem).join("\n"));
    sources.set(source, configuration);
  }
  return sources;
}

function toFiles(texts: string | readonly string[]): ConfigFileInput[] {
  const list = typeof texts === "string" ? [texts] : texts;
  return list.map((text, index) => ({
    path: `${String.fromCharCode("a".charCodeAt(0) + index)}.yaml`,
    text,
  }));
}
