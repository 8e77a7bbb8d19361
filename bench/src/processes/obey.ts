/** Does what the bench says, one command after the other, and ends with it. */
export function obey(perform: (command: unknown) => Promise<object>): void {
  process.on('message', (command) => {
    perform(command).then(
      (result) => process.send?.(result),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  process.on('disconnect', () => process.exit());
}
