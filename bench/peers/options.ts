import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { UsageError } from "../options.ts";
import { allRows, sections, select, type Selection, type Variant } from "./rows.ts";

/** What is compared, and where the figures go. */
export interface PeersOptions {
  readonly help: boolean;
  readonly quick: boolean;
  readonly seed: number;
  readonly selection: Selection;
  readonly variants: readonly Variant[];
  /** Where the raw results go; undefined: nowhere. */
  readonly out: string | undefined;
  /** Whether the tables take the place of those in docs/benchmarks.md. */
  readonly docs: boolean;
}

/** The page that `--help` prints. */
export function help(): string {
  const ids = allRows([]).map(({ id }) => id);
  return `Usage: npm run bench:peers -- [options]

Compares Fleetgate with others on this machine, on 127.0.0.1 only, in less than 20 minutes, and prints tables.
The first run installs the others into bench/peers by npm. How to read the tables: docs/benchmarks.md.

Options:
  --quick            a minute or two on small fleets, to see that everything runs; the figures say little
  --only LIST        some rows or sections, with commas between
  --node PATH        one row more: our server on another Node (22.18 or later)
  --node-flags=LIST  flags of Node and V8 for that row, in one text: --node-flags="--max-semi-space-size=16"
  --variants FILE    such rows from a JSON file: [{ "name": "node-22", "node": "/path", "flags": ["--flag"] }]
  --seed N           the seed of the fleets and questions, 1 unless set
  --out FILE         write the raw results as JSON, every round
  --docs             put the tables into docs/benchmarks.md
  -h, --help         this page

Rows: ${wrap(ids, "      ")}
Sections: ${sections.join(", ")}

Examples:
  npm run bench:peers
  npm run bench:peers -- --quick
  npm run bench:peers -- --docs --out bench/results/peers.json
  npm run bench:peers -- --only bare,ours,stock --variants variants.json`;
}

/** Reads the command line. Throws UsageError. */
export function readPeersOptions(args: readonly string[]): PeersOptions {
  const values = parse(args);
  const variants = [...readVariants(values.variants), ...givenVariant(values)];
  const names = variants.map(({ name }) => name);
  if (new Set(names).size < names.length) throw new UsageError("two variants have one name");
  const rows = allRows(variants);
  const ids = rows.map(({ id }) => id);
  const clash = ids.find((id, index) => ids.indexOf(id) < index);
  if (clash !== undefined) throw new UsageError(`a variant may not be named as the row ${clash}`);
  const only = values.only === undefined ? undefined : values.only.split(",");
  const selection = select(rows, only && [...only, ...names.map((name) => `ours-${name}`)]);
  if ("unknown" in selection) {
    throw new UsageError(`there is no row or section "${selection.unknown}"`);
  }
  if (!/^\d{1,9}$/.test(values.seed)) throw new UsageError("--seed must be a whole number");
  return {
    help: values.help,
    quick: values.quick,
    seed: Number(values.seed),
    selection,
    variants,
    out: values.out,
    docs: values.docs,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", short: "h", default: false },
        quick: { type: "boolean", default: false },
        only: { type: "string" },
        node: { type: "string" },
        "node-flags": { type: "string" },
        variants: { type: "string" },
        seed: { type: "string", default: "1" },
        out: { type: "string" },
        docs: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function givenVariant(values: ReturnType<typeof parse>): readonly Variant[] {
  const { node, "node-flags": flags } = values;
  if (node === undefined && flags === undefined) return [];
  return [{ name: "variant", node, nodeFlags: splitFlags(flags ?? "") }];
}

function splitFlags(text: string): readonly string[] {
  return text.split(/\s+/).filter((flag) => flag !== "");
}

/** Reads the file of variants. Throws UsageError. */
function readVariants(path: string | undefined): readonly Variant[] {
  if (path === undefined) return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UsageError(`--variants: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!Array.isArray(parsed)) throw new UsageError("--variants: the file must hold a list");
  return parsed.map(toVariant);
}

function toVariant(value: unknown): Variant {
  const { name, node, flags = [] } = (value ?? {}) as Record<string, unknown>;
  if (typeof name !== "string" || !/^[\w.-]{1,40}$/.test(name) || !isTexts(flags)) {
    throw new UsageError("--variants: each one has a name (letters, digits, . _ -) and flags");
  }
  if (node !== undefined && typeof node !== "string") {
    throw new UsageError(`--variants: the node of ${name} must be a path`);
  }
  return { name, node, nodeFlags: flags };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function wrap(words: readonly string[], indent: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    if (line.length + word.length > 90) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : `, ${word}`;
  }
  return [...lines, line].join(`,\n${indent}`);
}
