/** Whether a file holds policy tests, not configuration; its name says so. */
export function isTestFile(path: string): boolean {
  return /\.test\.(?:yaml|yml|json)$/.test(path);
}
