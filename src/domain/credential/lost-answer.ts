/** For how many milliseconds a call may be repeated with its nonce, because its answer may have been lost. */
export const lostAnswerMs = 60_000;
