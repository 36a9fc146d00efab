import { InvalidArgumentError } from "commander";
import type { LuciFiles } from "../../config/luci/import-luci.ts";
import type { LuciFile } from "../../config/luci/read-luci-file.ts";
import { usageError } from "../cli-error.ts";
import type { Io } from "../io.ts";
import { readInputFile } from "../read-input-file.ts";
import { readGroupFiles } from "./group-files.ts";

/** A realms.cfg and its project, as `--realms` names them. */
export interface RealmsOption {
  readonly project: string;
  readonly file: string;
}

/** The options of `import luci`. */
export interface LuciOptions {
  readonly project?: string;
  readonly realms: readonly RealmsOption[];
  readonly pools?: string;
  readonly bots?: string;
  readonly settings?: string;
  readonly groups?: string;
  readonly groupDomain?: string;
  /** False with `--no-roles`. */
  readonly roles: boolean;
  readonly rolesOut?: string;
  readonly out?: string;
  readonly outDir?: string;
}

/** Collects the values of `--realms`, `PROJECT=FILE` each. */
export function realmsArgument(
  text: string,
  before: readonly RealmsOption[],
): readonly RealmsOption[] {
  const cut = text.indexOf("=");
  const option = { project: text.slice(0, cut), file: text.slice(cut + 1) };
  if (cut < 1 || option.file === "") {
    throw new InvalidArgumentError("It must be PROJECT=FILE, e.g. chromium=realms.cfg.");
  }
  return [...before, option];
}

/** What was read, and what was passed over. */
export interface ReadLuciFiles {
  readonly files: LuciFiles;
  readonly hidden: readonly string[];
}

/** Reads the files that the options name; a usage error when they do not fit together or cannot be read. */
export async function readLuciFiles(
  io: Io,
  positional: string | undefined,
  options: LuciOptions,
): Promise<ReadLuciFiles> {
  checkOptions(positional, options);
  const { project, pools, bots, settings, groups } = options;
  let stdinIsTaken = false;
  const read = async (file: string): Promise<LuciFile> => {
    if (file !== "-") return { path: file, text: readInputFile(file) };
    if (stdinIsTaken) throw usageError("only one file can be standard input");
    stdinIsTaken = true;
    return { path: "<stdin>", text: await io.readStdin() };
  };
  const named = [
    ...(positional === undefined || project === undefined ? [] : [{ project, file: positional }]),
    ...options.realms,
  ];
  const realms: { project: string; file: LuciFile }[] = [];
  for (const { project: name, file } of named) {
    realms.push({ project: name, file: await read(file) });
  }
  const found = groups === undefined ? undefined : readGroupFiles(groups);
  return {
    files: {
      realms,
      pools: pools === undefined ? undefined : await read(pools),
      bots: bots === undefined ? undefined : await read(bots),
      settings: settings === undefined ? undefined : await read(settings),
      groups: found?.files,
      groupDomain: options.groupDomain,
    },
    hidden: found?.hidden ?? [],
  };
}

function checkOptions(positional: string | undefined, options: LuciOptions): void {
  const { project, realms, pools, bots, settings, groups } = options;
  if ((positional === undefined) !== (project === undefined)) {
    throw usageError(
      positional === undefined
        ? "--project is of the realms.cfg that stands behind the options"
        : "--project is missing: of which project are the realms?",
      "several projects are written as --realms PROJECT=FILE",
    );
  }
  if (positional === undefined && realms.length === 0) {
    if ([pools, bots, settings, groups].every((option) => option === undefined)) {
      throw usageError(
        "there is nothing to import",
        "name a realms.cfg with --project, or give --realms, --pools, --bots, --settings or --groups",
      );
    }
  }
  if (options.groupDomain !== undefined && groups === undefined) {
    throw usageError("--group-domain is for the lists of --groups");
  }
  if (options.out !== undefined && options.outDir !== undefined) {
    throw usageError("--out and --out-dir exclude each other");
  }
  if (options.rolesOut !== undefined && (!options.roles || options.outDir !== undefined)) {
    throw usageError(
      "--roles-out excludes --no-roles and --out-dir",
      "--out-dir writes the roles to a file of their own",
    );
  }
}
