import { keyIdRule, keyTextRule, type HeldKeys } from "../credentials/keys/held-key.ts";
import { parseKeyList } from "../credentials/keys/parse-key-list.ts";
import { parseDuration } from "../domain/duration.ts";
import { hasForbiddenCharacter } from "../domain/text.ts";

/** A class of option values: how one is written, and what it means. */
export interface OptionKind<T> {
  /** For tables: `duration`. */
  readonly name: string;
  /** What a good value is, to follow "must be". */
  readonly rule: string;
  /** The value that a text says, or undefined when it is none of this kind. */
  readonly parse: (text: string) => T | undefined;
}

/** A host and a port. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port`; an IPv6 address stands in brackets. */
export const address: OptionKind<Address> = {
  name: "address",
  rule: "host:port, such as 127.0.0.1:8080 or [::1]:8080, with a port from 0 (any free one) to 65535",
  parse(text) {
    const match = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9A-Za-z_.-]+)):([0-9]{1,5})$/.exec(text);
    const host = match?.[1] ?? match?.[2];
    const port = Number(match?.[3]);
    return host === undefined || port > 65_535 ? undefined : { host, port };
  },
};

/** `true` or `false`. */
export const trueOrFalse: OptionKind<boolean> = {
  name: "true or false",
  rule: "true or false",
  parse: (text) => (text === "true" ? true : text === "false" ? false : undefined),
};

/** `on` or `off`, or what says the same: `true` or `false`. */
export const onOrOff: OptionKind<boolean> = {
  name: "on or off",
  rule: "on or off; true or false say the same",
  parse: (text) => (text === "on" ? true : text === "off" ? false : trueOrFalse.parse(text)),
};

/** A path of this machine. */
export const path: OptionKind<string> = {
  name: "path",
  rule: "a path",
  parse: (text) => (text.includes("\0") ? undefined : text),
};

/** The URL of a Postgres database, which may hold a password. */
export const databaseUrl: OptionKind<string> = {
  name: "URL",
  rule: "a URL that begins with postgres:// or postgresql://",
  parse: (text) => (/^postgres(ql)?:\/\/\S+$/.test(text) ? text : undefined),
};

/** Keys by which URLs and assertions are signed. */
export const signingKeyList: OptionKind<HeldKeys> = {
  name: "keys",
  rule: `items such as url/k1:BASE64, with spaces between: a purpose of url, assertion or lookup, an id of ${keyIdRule}, and ${keyTextRule}, other ones for each`,
  parse: parseKeyList,
};

/** A duration in milliseconds, both bounds included and written as durations too. */
export function duration(least: string, most: string): OptionKind<number> {
  const [min, max] = [parseDuration(least) ?? 0, parseDuration(most) ?? 0];
  return {
    name: "duration",
    rule: `a whole number with a unit of ms, s, m, h or d, from ${least} to ${most}`,
    parse(text) {
      const ms = parseDuration(text);
      return ms === undefined || ms < min || ms > max ? undefined : ms;
    },
  };
}

/** A whole number, both bounds included. */
export function wholeNumber(least: number, most: number): OptionKind<number> {
  return {
    name: "number",
    rule: `a whole number from ${least} to ${most}`,
    parse(text) {
      const value = /^[0-9]{1,12}$/.test(text) ? Number(text) : NaN;
      return value >= least && value <= most ? value : undefined;
    },
  };
}

/** One of some words. */
export function oneOf<const W extends string>(words: readonly W[]): OptionKind<W> {
  const last = words.length - 1;
  const rule = `${words.slice(0, last).join(", ")} or ${words[last] ?? ""}`;
  return { name: rule, rule, parse: (text) => words.find((word) => word === text) };
}

/** The same kind, where the word `off` says that there is none. */
export function orOff<T>(kind: OptionKind<T>): OptionKind<T | "off"> {
  return {
    name: `${kind.name} or off`,
    rule: `${kind.rule}; or off`,
    parse: (text) => (text === "off" ? "off" : kind.parse(text)),
  };
}

/** A text on one line, of at most so many characters. */
export function textOf(maxLength: number): OptionKind<string> {
  return {
    name: "text",
    rule: `a text of 1 to ${maxLength} characters without control characters; in quotes if it has braces`,
    parse: (text) =>
      text.length === 0 || text.length > maxLength || hasForbiddenCharacter(text)
        ? undefined
        : text,
  };
}
