const AT_A_TIME = 100;

/** Opens `count` of something, not all at once: that would overflow the server's listen queue. */
export async function openAll<Opened>(
  count: number,
  open: () => Promise<Opened>,
): Promise<Opened[]> {
  const opened: Opened[] = [];
  while (opened.length < count) {
    const batch = Math.min(AT_A_TIME, count - opened.length);
    opened.push(...(await Promise.all(Array.from({ length: batch }, open))));
  }
  return opened;
}
