import { show } from "../show.ts";
import type { Report } from "./finding.ts";
import type { LintContext } from "./lint-context.ts";

/** Bindings without principals: they give nobody anything. */
export function findIdleBindings({ bindings }: LintContext, report: Report): void {
  for (const { value, place, realm } of bindings) {
    if (value.principals.length > 0) continue;
    const message = `${show(realm)} binds ${show(value.role)} to nobody`;
    report(place, message, "name principals, or delete the binding");
  }
}
