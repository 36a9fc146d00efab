const forbiddenCharacter = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Cs}/u;

// What hardly any text has more than; a test by this is several times faster than the full one.
const plain = /^[ -~]*$/;

/** Whether a text holds a control character, a line separator or an unpaired surrogate. */
export function hasForbiddenCharacter(text: string): boolean {
  return !plain.test(text) && forbiddenCharacter.test(text);
}
