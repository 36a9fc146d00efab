import { suggest } from "../config/suggest.ts";
import { quote } from "../domain/quote.ts";
import { readOptionsFile } from "./options-file.ts";
import {
  isOptionName,
  optionFlag,
  optionNames,
  optionsTable,
  optionVariable,
  type OptionName,
  type OptionSpec,
  type OptionValues,
} from "./options-table.ts";

import {
  isStructuredName,
  structuredNames,
  structuredOptions,
  type StructuredName,
  type StructuredValues,
} from "./structured-options.ts";

/** Where the options of a server come from. */
export interface OptionSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly file?: { readonly path: string; readonly text: string };
  readonly flags: Readonly<Record<string, string | undefined>>;
}

/** The good values of the options, and what is wrong with the others. */
export interface GatheredOptions {
  readonly values: Partial<OptionValues>;
  /** Those of the options file that are good. */
  readonly structured: Partial<StructuredValues>;
  /** The options that a source sets, to a good value or not. */
  readonly given: ReadonlySet<OptionName | StructuredName>;
  readonly problems: readonly string[];
}

interface GivenOption {
  readonly text: string;
  /** How a user knows the place: a flag, a variable, or a line of the file. */
  readonly place: string;
}

/** Reads every source; a flag goes before a variable, and that before the file. */
export function gatherOptions(sources: OptionSources): GatheredOptions {
  const problems: string[] = [];
  const given = new Map<OptionName, GivenOption>();
  const structured: Record<string, unknown> = {};
  // The weakest first.
  if (sources.file !== undefined) takeFile(sources.file, given, structured, problems);
  takeEnvironment(sources.env, given, problems);
  takeFlags(sources.flags, given, problems);

  const values: Record<string, unknown> = {};
  for (const name of optionNames) {
    const spec: OptionSpec<unknown> = optionsTable[name];
    const option = given.get(name);
    const text = option?.text ?? spec.preset;
    if (text === undefined) continue;
    const value = text === "" ? undefined : spec.kind.parse(text);
    if (value === undefined) problems.push(`${option?.place ?? name}: must be ${spec.kind.rule}`);
    else values[name] = value;
  }
  const names = [...given.keys(), ...structuredNames.filter((name) => name in structured)];
  return { values, structured, given: new Set(names), problems };
}

function takeFile(
  file: { readonly path: string; readonly text: string },
  given: Map<OptionName, GivenOption>,
  structured: Record<string, unknown>,
  problems: string[],
): void {
  const read = readOptionsFile(file.path, file.text);
  problems.push(...read.problems);
  const report = (offset: number | undefined, line: string): void => {
    problems.push(`${read.place(offset)}: ${line}`);
  };
  for (const { name, text, node, offset } of read.options) {
    const place = read.place(offset);
    if (isStructuredName(name)) {
      structured[name] = structuredOptions[name].read(node, { path: name, offset, report });
    } else if (isOptionName(name) && text !== undefined) {
      given.set(name, { text, place: `${place}: ${name}` });
    } else if (isOptionName(name)) {
      problems.push(
        `${place}: ${quote(name)} must have one value, not a list, a mapping or nothing`,
      );
    } else {
      problems.push(unknown(`${place}: `, name, [...optionNames, ...structuredNames]));
    }
  }
}

// What Kubernetes sets for a service of the name "fleetgate", and what clients and tests read.
const foreignVariables =
  /^FLEETGATE_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_.*)?|TEST_.*|ENDPOINT|HEADER_FILE|CLIENT_(CERT|KEY)_FILE|TLS_FINGERPRINT)$/;

function takeEnvironment(
  env: OptionSources["env"],
  given: Map<OptionName, GivenOption>,
  problems: string[],
): void {
  const byVariable = new Map(optionNames.map((name) => [optionVariable(name), name]));
  for (const [variable, text] of Object.entries(env)) {
    if (text === undefined) continue;
    const name = byVariable.get(variable);
    if (name !== undefined) {
      // DATABASE_URL is everybody's: `DATABASE_URL= fleetgate ...` takes it away.
      if (text === "" && variable === "DATABASE_URL") continue;
      given.set(name, { text, place: variable });
    } else if (isStructuredName(variable.replace(/^FLEETGATE_/, "").toLowerCase())) {
      problems.push(`${variable}: this option has many values and stands in the options file only`);
    } else if (variable.startsWith("FLEETGATE_") && !foreignVariables.test(variable)) {
      problems.push(unknown("", variable, byVariable.keys()));
    }
  }
}

function takeFlags(
  flags: OptionSources["flags"],
  given: Map<OptionName, GivenOption>,
  problems: string[],
): void {
  for (const [name, text] of Object.entries(flags)) {
    if (text === undefined) continue;
    const flag = isOptionName(name) ? optionFlag(name) : undefined;
    if (isOptionName(name) && flag !== undefined) given.set(name, { text, place: flag });
    else problems.push(unknown("flag ", name, optionNames));
  }
}

function unknown(before: string, name: string, candidates: Iterable<string>): string {
  const hint = suggest(name, candidates);
  return `${before}${quote(name)} is no option${hint === "" ? "" : `; ${hint}`}`;
}
