import { filledArgument } from "../arguments.ts";
import { usageError } from "../cli-error.ts";
import { examples, type AddCommand } from "../cli.ts";
import { exitCodes, type ExitCode } from "../exit-code.ts";
import { printLines, printNotes } from "../print.ts";
import { writeOutputFile } from "../write-output-file.ts";
import { countProblems, formatConfigProblem, toShownProblem } from "./problems.ts";
import { readTestedTexts } from "./read-config-files.ts";
import { toJunit } from "./junit.ts";
import { formatFailure, summarize, toJsonReport } from "./test-report.ts";

interface TestOptions {
  readonly junit?: string;
}

/** Adds `config test`. */
export const addConfigTest: AddCommand = (parent, cli) => {
  parent
    .command("test <file...>")
    .description(
      "Run the policy tests that stand next to a configuration, in *.test.yaml, *.test.yml and *.test.json. Asks no server: the files are all there is. Ends with 1 when a case fails, with 3 when a file has errors.",
    )
    .option("--junit <file>", "write a report in JUnit XML there as well", filledArgument)
    .addHelpText(
      "after",
      examples(
        ["test a folder", "fleetgate config test fleet/"],
        [
          "configuration and tests that stand apart",
          "fleetgate config test fleet/ policies/gpu.test.yaml",
        ],
        [
          "in CI, with a report for Jenkins or GitLab",
          "fleetgate config test --junit report.xml fleet/",
        ],
      ),
    )
    .action(
      cli.action(async (paths: string[], { junit }: TestOptions): Promise<ExitCode> => {
        const { files, tests } = await readTestedTexts(cli.io, paths);
        if (files.length === 0) {
          throw usageError(
            "there is no configuration to test",
            "name its files too, or the folder",
          );
        }
        if (tests.length === 0) {
          const hint = "write policy tests into a file that ends in .test.yaml, and name it";
          throw usageError("there are no policy tests", hint);
        }
        // The engine takes a while to load, and no other command needs it.
        const { testConfig } = await import("../../commands/test-config.ts");
        const tested = testConfig({ files, tests });
        const { problems, cases } = tested;
        if (cases?.length === 0) {
          throw usageError("the policy tests assert nothing", 'write some under "tests:"');
        }
        if (junit !== undefined) writeOutputFile(junit, toJunit(tested));
        const ok = cases?.every(({ passed }) => passed);
        if (cli.globals().json) {
          printLines(cli.io, JSON.stringify(toJsonReport(tested), undefined, 2));
        } else if (cases === undefined) {
          const shown = problems.map(toShownProblem);
          printLines(
            cli.io,
            ...problems.flatMap(formatConfigProblem),
            `not tested: ${countProblems(shown, files.length + tests.length)}`,
          );
        } else {
          printNotes(cli.io, ...problems.flatMap(formatConfigProblem));
          const failed = cases.filter(({ passed }) => !passed);
          printLines(cli.io, ...failed.flatMap(formatFailure), summarize(cases));
        }
        if (ok === undefined) return exitCodes.invalidConfiguration;
        return ok ? exitCodes.ok : exitCodes.denied;
      }),
    );
};
