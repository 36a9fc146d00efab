import { importLuci, type LuciFiles } from "../../../../src/config/luci/import-luci.ts";
import { LuciImportError } from "../../../../src/config/luci/luci-problem.ts";

/** The problems of files as `file:line:column: message`; none when they can be imported. */
export function problemsOf(files: LuciFiles): readonly string[] {
  try {
    importLuci(files);
    return [];
  } catch (error) {
    if (!(error instanceof LuciImportError)) throw error;
    return error.problems.map(
      ({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`,
    );
  }
}
