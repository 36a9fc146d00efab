/**
 * Something in a configuration or a question that the engine passes over. For the log only: it may name
 * what the asker must not know.
 */
export interface EngineWarning {
  readonly kind: EngineWarningKind;
  /** The group, pool, permission or realm; of a malformed part: the group or realm that holds it. */
  readonly name: string;
}

/** What the engine warns about. `more` follows the last warning of a kind that is reported; its name is the kind. */
export type EngineWarningKind =
  | "unknown_group"
  | "unknown_pool"
  | "undeclared_permission"
  | "undefined_realm"
  | "malformed_member"
  | "malformed_principal"
  | "malformed_delegation"
  | "more";

/** Reports a warning. */
export type Warn = (kind: EngineWarningKind, name: string) => void;

/** How many names of one kind are reported for one snapshot. */
export const maxWarningsPerKind = 256;

/**
 * The longest name that is reported. No configuration holds a longer one, and what is remembered for the
 * life of a snapshot must not be as large as a question may be.
 */
export const maxWarningLength = 512;

/** Creates the reporter of one snapshot: every kind and name once, and of a kind only so many names. */
export function createWarn(report: (warning: EngineWarning) => void): Warn {
  const seen = new Map<EngineWarningKind, Set<string>>();
  return (kind, name) => {
    if (name.length > maxWarningLength) return;
    let names = seen.get(kind);
    if (names === undefined) {
      names = new Set();
      seen.set(kind, names);
    }
    if (names.has(name) || names.size > maxWarningsPerKind) return;
    names.add(name);
    if (names.size > maxWarningsPerKind) report({ kind: "more", name: kind });
    else report({ kind, name });
  };
}
