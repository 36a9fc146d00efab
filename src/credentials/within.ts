/** Waits for work, but no longer than so many milliseconds. Whether it was done by then; it may go on after that. Never rejects. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const done = work.then(
    () => true,
    () => false,
  );
  const isDone = await Promise.race([done, over]);
  clearTimeout(timer);
  return isDone;
}
