import { ConfigSchema, type Config } from "../gen/fleetgate/config/v1/config_pb.ts";
import { unknownPosition, type SourceFile } from "./place.ts";
import type { ProblemList } from "./problem-list.ts";
import { readYaml } from "./read-yaml.ts";

/** A file of a configuration: a text in YAML or JSON, or the parsed message. With neither it is empty. */
export interface ConfigFileInput {
  /** Its name, for problems. */
  readonly path: string;
  readonly text?: string;
  readonly config?: Config;
}

/** What files hold. */
export interface ReadFiles {
  readonly files: readonly SourceFile[];
  /** False when some file could not be parsed at all: then nothing can be said about references. */
  readonly parsed: boolean;
}

/** Reads files and adds their problems to the list. Never throws, whatever the texts are. */
export function readFiles(inputs: readonly ConfigFileInput[], problems: ProblemList): ReadFiles {
  const files: SourceFile[] = [];
  for (const [index, input] of inputs.entries()) {
    if (input.config !== undefined) {
      files.push({
        path: input.path,
        index,
        config: input.config,
        locate: () => unknownPosition,
      });
      continue;
    }
    const text = { path: input.path, index, text: input.text ?? "" };
    const read = readYaml({ desc: ConfigSchema, firstField: "pools" }, text, problems);
    if (read === undefined) continue;
    const { message: config, path, locate } = read;
    files.push({ path, index, config, locate });
  }
  return { files, parsed: files.length === inputs.length };
}
