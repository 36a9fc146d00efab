import { validateConfiguration } from "../config/validate.ts";
import type { ConfigProblem } from "../config/problem.ts";
import type { Configuration } from "../domain/model.ts";
import { defaultSource } from "../domain/names.ts";

/** A file of a configuration. */
export interface ConfigFile {
  /** Its name, for problems. */
  readonly path: string;
  /** Its text, YAML or JSON. */
  readonly text: string;
}

/** A configuration that the server would refuse. `message` has a line for every error, `file:line: what`. */
export class InvalidConfigError extends Error {
  override readonly name = "InvalidConfigError";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const errors = problems.filter(({ severity }) => severity === "error");
    super(`the configuration is invalid:\n${errors.map(lineOf).join("\n")}`);
    this.problems = problems;
  }
}

/** The configuration that a text (named "config.yaml") or files hold. Throws InvalidConfigError. */
export function readConfiguration(yaml: string | readonly ConfigFile[]): Configuration {
  const files = typeof yaml === "string" ? [{ path: "config.yaml", text: yaml }] : yaml;
  const { configuration, problems } = validateConfiguration({
    source: defaultSource,
    files,
    others: new Map(),
  });
  if (configuration === undefined) throw new InvalidConfigError(problems);
  return configuration;
}

function lineOf({ file, line, path, message, hint }: ConfigProblem): string {
  const place = [file === "" ? "" : `${file}:${line}: `, path === "" ? "" : `${path}: `].join("");
  return hint === "" ? `${place}${message}` : `${place}${message} (${hint})`;
}
