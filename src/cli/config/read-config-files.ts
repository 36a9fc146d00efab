import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { usageError } from "../cli-error.ts";
import type { Io } from "../io.ts";
import { describeFileError, readInputFile } from "../read-input-file.ts";

/** A file of a configuration, as it is sent. */
export interface ConfigText {
  /** As the command line names it. */
  readonly path: string;
  readonly text: string;
}

/**
 * Reads the files that the command line names. A directory stands for its `*.yaml`, `*.yml` and `*.json`
 * in the order of their names, `-` for standard input. A file named twice is read once. Never none: a
 * directory without such files is a usage error, because no files would mean to delete everything.
 */
export async function readConfigFiles(
  io: Io,
  paths: readonly string[],
): Promise<readonly ConfigText[]> {
  const files = new Map<string, ConfigText>();
  for (const path of paths) {
    if (path === "-") {
      if (!files.has(path)) files.set(path, { path: "<stdin>", text: await io.readStdin() });
      continue;
    }
    for (const file of isDirectory(path) ? listDirectory(path) : [path]) {
      const key = resolve(file);
      if (!files.has(key)) files.set(key, { path: file, text: readInputFile(file) });
    }
  }
  return [...files.values()];
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw usageError(`cannot read ${path}: ${describeFileError(error)}`);
  }
}

function listDirectory(path: string): readonly string[] {
  const names = readdirSync(path)
    .filter((name) => /\.(yaml|yml|json)$/.test(name))
    .toSorted();
  if (names.length === 0) {
    throw usageError(
      `${path} holds no *.yaml, *.yml or *.json`,
      "to delete all that a source manages, apply a file that holds only {}",
    );
  }
  return names.map((name) => join(path, name));
}
