import { parseGlob, type Glob } from "../../domain/glob.ts";
import { locateItems } from "../located-config.ts";
import { within, type Place } from "../place.ts";
import { show } from "../show.ts";
import type { Report } from "./finding.ts";
import type { LintContext } from "./lint-context.ts";

/** Globs of groups and delegations that match more than anybody means. */
export function findBroadGlobs({ config }: LintContext, report: Report): void {
  const check = (place: Place, field: string, globs: readonly string[]): void => {
    for (const [index, text] of globs.entries()) {
      const glob = parseGlob(text);
      const problem = glob && problemOf(glob);
      if (problem === undefined) continue;
      report(within(place, field, index), `the glob ${show(text)} ${problem.says}`, problem.hint);
    }
  };
  for (const { value, place } of config.groups) check(place, "globs", value.globs);
  if (config.settings === undefined) return;
  const { value, place } = config.settings;
  for (const delegation of locateItems(place, "delegations", value.delegations)) {
    check(delegation.place, "caller_globs", delegation.value.callerGlobs);
  }
}

interface Problem {
  readonly says: string;
  readonly hint: string;
}

const nameDomain = 'name the domain in full, as in "user:*@example.com"';

function problemOf({ kind, literals }: Glob): Problem | undefined {
  if (literals.every((literal) => literal === "")) {
    const hint = kind === "user" ? nameDomain : "name the start or the end of the names";
    return { says: `matches every ${kind}`, hint };
  }
  // Only people have domains that somebody else can register.
  if (kind !== "user" || literals.length === 1) return undefined;
  const pattern = literals.join("*");
  const at = pattern.lastIndexOf("@");
  const domain = pattern.slice(at + 1);
  if (at < 0) return { says: "matches people of any domain", hint: nameDomain };
  if (!domain.includes("*")) return undefined;
  // Subdomains of a domain that is named in full belong to whoever owns that.
  const isSubdomain = /^\*\.[^*.]+(?:\.[^*.]+)+$/.test(domain);
  if (isSubdomain) return undefined;
  return { says: "matches domains that anybody can register", hint: nameDomain };
}
