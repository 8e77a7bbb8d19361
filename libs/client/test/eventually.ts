/** Waits until something holds; what it says when it never does is the last failure. */
export async function eventually(assertion: () => void | Promise<void>, withinMs = 10_000) {
  const endMs = performance.now() + withinMs;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (performance.now() > endMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
