/** Everything that is wrong with the options of a server, a line each. Values are never repeated. */
export class OptionsError extends Error {
  override readonly name = "OptionsError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the server options are not usable:\n${problems.map((line) => `  ${line}`).join("\n")}`);
    this.problems = problems;
  }
}
