import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { isTestFile } from "../../config/policy-tests/test-file-name.ts";
import { usageError } from "../cli-error.ts";
import type { Io } from "../io.ts";
import { describeFileError, readInputFile } from "../read-input-file.ts";

/** A file of a configuration, as it is sent. */
export interface ConfigText {
  /** As the command line names it. */
  readonly path: string;
  readonly text: string;
}

/** The files of a configuration, and those of its policy tests. */
export interface TestedTexts {
  readonly files: readonly ConfigText[];
  readonly tests: readonly ConfigText[];
}

/**
 * Reads the files that the command line names. A directory stands for its `*.yaml`, `*.yml` and `*.json`
 * in the order of their names, `-` for standard input. A file named twice is read once. Policy tests in a
 * directory are passed over, and are a usage error when they are named. Never none: a directory without
 * configuration is a usage error, because no files would mean to delete everything.
 */
export async function readConfigFiles(
  io: Io,
  paths: readonly string[],
): Promise<readonly ConfigText[]> {
  const test = paths.find(isTestFile);
  if (test !== undefined) {
    throw usageError(
      `${test} holds policy tests, not configuration`,
      "run them with `fleetgate config test`, or give the file a name that does not end in .test.yaml",
    );
  }
  return readTexts(io, paths, (name) => !isTestFile(name));
}

/** Reads the same files and the policy tests too, which their names tell apart. Either may be none. */
export async function readTestedTexts(io: Io, paths: readonly string[]): Promise<TestedTexts> {
  const texts = await readTexts(io, paths, () => true);
  return {
    files: texts.filter(({ path }) => !isTestFile(path)),
    tests: texts.filter(({ path }) => isTestFile(path)),
  };
}

async function readTexts(
  io: Io,
  paths: readonly string[],
  isWanted: (name: string) => boolean,
): Promise<readonly ConfigText[]> {
  const files = new Map<string, ConfigText>();
  for (const path of paths) {
    if (path === "-") {
      if (!files.has(path)) files.set(path, { path: "<stdin>", text: await io.readStdin() });
      continue;
    }
    for (const file of isDirectory(path) ? listDirectory(path, isWanted) : [path]) {
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

function listDirectory(path: string, isWanted: (name: string) => boolean): readonly string[] {
  const names = readdirSync(path)
    .filter((name) => /\.(yaml|yml|json)$/.test(name) && isWanted(name))
    .toSorted();
  if (names.length === 0) {
    throw usageError(
      `${path} holds no *.yaml, *.yml or *.json`,
      "to delete all that a source manages, apply a file that holds only {}",
    );
  }
  return names.map((name) => join(path, name));
}
