import { projectName } from "../../domain/names.ts";
import { invalidField } from "../../domain/errors.ts";
import { checkRealmsCfg } from "./check-realms-cfg.ts";
import { formatImport } from "./format-import.ts";
import { createImportReport, type LuciImportReport } from "./import-report.ts";
import { LuciImportError } from "./luci-problem.ts";
import type { ReadingNotes } from "./message-reader.ts";
import { readRealmsCfg } from "./realms-cfg.ts";
import { TextFormatError } from "./text-format-error.ts";
import { parseTextFormat } from "./text-format.ts";
import type { TextFields } from "./text-tree.ts";
import { toFleetConfig, type ImportedConfig } from "./to-fleet-config.ts";

/** What became of a LUCI file. */
export interface LuciImport {
  /** A `fleetgate.config.v1.Config` as a plain object with the field names of the files. */
  readonly configuration: ImportedConfig;
  /** The same as YAML, behind a comment that says where it comes from and what is left to do. */
  readonly yaml: string;
  readonly report: LuciImportReport;
}

/**
 * Turns the text of a LUCI realms.cfg into our configuration of one project. `file` is its name for
 * messages. What LUCI implies becomes visible: the bindings that it adds to `@root` are written out, and
 * roles whose content is not public are declared as unresolved. Throws a LuciImportError with every problem
 * of the file, or a DomainError INVALID_FIELD for a bad project name.
 */
export function importLuciRealms(input: {
  readonly project: string;
  readonly file: string;
  readonly text: string;
}): LuciImport {
  const { project, file, text } = input;
  if (!projectName.test(project)) throw invalidField("project", projectName.rule);
  const notes: ReadingNotes = { problems: [], skipped: [] };
  const cfg = readRealmsCfg(readFields(file, text), notes);
  const problems = [...notes.problems, ...checkRealmsCfg(cfg)];
  if (problems.length > 0) throw new LuciImportError(file, problems);
  const configuration = toFleetConfig(project, cfg);
  const report = createImportReport({ project, cfg, configuration, skipped: notes.skipped });
  return { configuration, yaml: formatImport({ project, file, configuration, report }), report };
}

function readFields(file: string, text: string): TextFields {
  try {
    return parseTextFormat(text);
  } catch (error) {
    if (!(error instanceof TextFormatError)) throw error;
    throw new LuciImportError(file, [{ position: error.position, message: error.message }]);
  }
}
