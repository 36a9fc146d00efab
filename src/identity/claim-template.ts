/** A text with claims in it, such as `ci:{project_id}:{environment}`, taken apart. */
export type ClaimTemplate = readonly TemplatePart[];

/** A piece of a template. */
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "claim"; readonly claim: string };

/** The claims of a token. Nothing is known of their types. */
export type Claims = Readonly<Record<string, unknown>>;

/** What a template comes to. */
export type Filled =
  | { readonly kind: "filled"; readonly text: string }
  /** A claim is absent or empty. */
  | { readonly kind: "missing" }
  /** A claim cannot stand in its place. */
  | { readonly kind: "unfit" };

/** The value of a claim; undefined when a token does not have it. */
export function claimOf(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

/**
 * Takes a template apart, or returns undefined when it is malformed: a brace without its partner, a claim
 * without a name, or two claims with no text between them, which could not be told apart again.
 */
export function parseTemplate(text: string): ClaimTemplate | undefined {
  const parts: TemplatePart[] = [];
  for (const [piece, claim] of text.matchAll(/\{([^{}]+)\}|[^{}]+|[{}]/g)) {
    if (piece === "{" || piece === "}") return undefined;
    if (claim !== undefined && parts.at(-1)?.kind === "claim") return undefined;
    parts.push(claim === undefined ? { kind: "text", text: piece } : { kind: "claim", claim });
  }
  return parts.length === 0 ? undefined : parts;
}

/** The names of the claims in a template. */
export function claimsOf(template: ClaimTemplate): readonly string[] {
  return template.flatMap((part) => (part.kind === "claim" ? [part.claim] : []));
}

/**
 * Puts claims into a template. Different claims never make the same text: a claim must be a string and must
 * not hold the character that ends it, the first of the text that follows. Nothing is escaped or left out.
 */
export function fillTemplate(template: ClaimTemplate, claims: Claims): Filled {
  const values = claimsOf(template).map((name) => claimOf(claims, name));
  if (values.some((value) => value === undefined || value === null || value === "")) {
    return { kind: "missing" };
  }
  let filled = "";
  for (const [index, part] of template.entries()) {
    if (part.kind === "text") {
      filled += part.text;
      continue;
    }
    const value = claimOf(claims, part.claim);
    const next = template[index + 1];
    const end = next?.kind === "text" ? next.text.charAt(0) : undefined;
    if (typeof value !== "string" || (end !== undefined && value.includes(end))) {
      return { kind: "unfit" };
    }
    filled += value;
  }
  return { kind: "filled", text: filled };
}
