const forbiddenCharacter = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Cs}/u;

/** Whether a text holds a control character, a line separator or an unpaired surrogate. */
export function hasForbiddenCharacter(text: string): boolean {
  return forbiddenCharacter.test(text);
}
