import { statSync } from "node:fs";
import { parseBearerToken } from "../domain/bearer-token.ts";
import { usageError } from "./cli-error.ts";
import { readInputFile } from "./read-input-file.ts";

/** The headers of a header file, and what is wrong with its mode. */
export interface HeaderFile {
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Set when others than the owner can read it. */
  readonly warning: string | undefined;
}

/**
 * Reads a file of HTTP headers, one `Name: value` a line, as `curl -H @FILE` does. Empty lines and lines
 * that begin with `#` are skipped. A file with nothing but a token of ours, as `--token-file` writes it, presents that. Errors
 * name the line but never quote it: it may be a secret.
 */
export function readHeaderFile(path: string): HeaderFile {
  const text = readInputFile(path);
  const token = text.trim();
  if (parseBearerToken(token) !== undefined) {
    return { headers: [["Authorization", `Bearer ${token}`]], warning: modeWarning(path) };
  }
  const headers: (readonly [string, string])[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\t]*?)[ \t]*$/.exec(line);
    if (match === null) {
      throw usageError(
        `${path}, line ${index + 1}: not an HTTP header`,
        "a header file holds one `Name: value` a line, e.g. `Authorization: Bearer fg1_ak_...`",
      );
    }
    headers.push([match[1] ?? "", match[2] ?? ""]);
  }
  return { headers, warning: modeWarning(path) };
}

/** The text of a header file that presents a bearer token. */
export function formatBearerHeader(token: string): string {
  return `Authorization: Bearer ${token}\n`;
}

function modeWarning(path: string): string | undefined {
  // Windows has no such modes: every file seems to be 0666 there.
  if (process.platform === "win32") return undefined;
  const stat = statSync(path);
  if (!stat.isFile() || (stat.mode & 0o077) === 0) return undefined;
  const mode = (stat.mode & 0o777).toString(8).padStart(4, "0");
  return `${path} has mode ${mode}: others on this machine may read the credential in it; run \`chmod 600 ${path}\``;
}
