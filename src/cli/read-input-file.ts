import { readFileSync } from "node:fs";
import { usageError } from "./cli-error.ts";

/** Reads a file that the command line names; a usage error, of the option `from` if given, when it cannot be read. */
export function readInputFile(path: string, from?: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const option = from === undefined ? "" : `${from}: `;
    throw usageError(`${option}cannot read ${path}: ${describeFileError(error)}`);
  }
}

/** Why the file system refused, in words. */
export function describeFileError(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  switch (code) {
    case "ENOENT":
      return "it does not exist";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EISDIR":
      return "it is a directory";
    case "ENOTDIR":
      return "a part of its path is not a directory";
    case "EEXIST":
      return "it exists already";
    case "EROFS":
      return "the file system is read-only";
    case "ENOSPC":
      return "no space is left";
    default:
      return code === "" ? String(error) : code;
  }
}
