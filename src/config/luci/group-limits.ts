/** The most files of groups in one import. */
export const maxGroupFiles = 20_000;

/** The longest text of all files of groups together, in UTF-16 code units. */
export const maxGroupText = 64 * 1024 * 1024;
