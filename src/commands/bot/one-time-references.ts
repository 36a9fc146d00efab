import { invalidField } from "../../domain/errors.ts";
import { hasForbiddenCharacter } from "../../domain/text.ts";

/** The most one-time secrets that a bot has. */
export const maxOneTimeSecrets = 16;

/** The longest reference to a one-time secret, in characters. */
export const maxReferenceLength = 1024;

const field = "one_time_references";
const secretName = /^[a-z0-9._-]{1,64}$/;

/** Whether a text may name a one-time secret. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

/** Checks the one-time secrets of a new bot. Fails with INVALID_FIELD, which repeats no reference. */
export function checkReferences(references: ReadonlyMap<string, string>): void {
  if (references.size > maxOneTimeSecrets) {
    throw invalidField(field, `must be at most ${maxOneTimeSecrets}`);
  }
  for (const [name, reference] of references) {
    if (!isSecretName(name)) {
      throw invalidField(field, 'each name must be 1 to 64 of "a-z 0-9 . _ -"');
    }
    const { length } = reference;
    if (length < 1 || length > maxReferenceLength || hasForbiddenCharacter(reference)) {
      throw invalidField(
        field,
        `each reference must be 1 to ${maxReferenceLength} characters without control characters`,
      );
    }
  }
}
