import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../e2e/support/processes.ts";

/** A command that a page tells its reader to type. */
export interface DocCommand {
  readonly page: string;
  /** Where it begins, from 1. */
  readonly line: number;
  /** As a shell takes it, lines joined. */
  readonly text: string;
  /** What the page says that it prints; undefined when the page does not say. */
  readonly output: readonly string[] | undefined;
}

const shellLanguages: ReadonlySet<string> = new Set(["sh", "bash", "console", ""]);
const programs = /^(npm|npx|node|git|fleetgate|buf|curl|createdb|psql|pg_dump|kubectl|docker|export|protoc|kill)\b/;

/**
 * The commands of a page: in fenced blocks, those behind a "$ " with the output that follows, or every line
 * of a block of a shell that has no "$ ". Comments are left out.
 */
export function readCommands(page: string): readonly DocCommand[] {
  const commands: DocCommand[] = [];
  let block: { readonly start: number; readonly lines: string[]; readonly isShell: boolean } | undefined;
  for (const [index, line] of readFileSync(join(root, page), "utf8").split("\n").entries()) {
    const fence = /^ *```\s*([a-z]*)/.exec(line);
    if (fence === null) {
      block?.lines.push(line);
    } else if (block === undefined) {
      block = { start: index + 2, lines: [], isShell: shellLanguages.has(fence[1] ?? "") };
    } else {
      if (block.isShell) commands.push(...readBlock(page, block.start, block.lines));
      block = undefined;
    }
  }
  return commands;
}

function readBlock(page: string, start: number, lines: readonly string[]): readonly DocCommand[] {
  const isSession = lines.some((line) => line.startsWith("$ "));
  if (!isSession && !lines.some((line) => programs.test(line))) return [];
  const commands: (Omit<DocCommand, "output"> & { output: string[] | undefined })[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    if (isSession ? !line.startsWith("$ ") : line === "" || line.startsWith("#")) {
      commands.at(-1)?.output?.push(line);
      continue;
    }
    const begin = index;
    let text = isSession ? line.slice(2) : line;
    while (text.endsWith("\\")) {
      index += 1;
      text = `${text.slice(0, -1)}${(lines[index] ?? "").trimStart()}`;
    }
    commands.push({ page, line: start + begin, text, output: isSession ? [] : undefined });
  }
  return commands;
}

/** A pattern for what a page says is printed: `…` stands for any text, on a line of its own for any lines. */
export function outputPattern(lines: readonly string[]): RegExp {
  const trimmed = lines.join("\n").replace(/\n+$/, "");
  const escaped = trimmed.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  const pattern = escaped
    .replaceAll(/^…\n/gm, "(?:.*\n)*?")
    .replaceAll(/\n…$/gm, "(?:\n.*)*?")
    .replaceAll("…", ".*?");
  return new RegExp(`^${pattern}\n*$`);
}
