/**
 * The environment does not make a configuration. The message has one sentence for each variable
 * that is wrong: its name, what is wrong with it, what to do. It never contains a value, since a
 * secret may stand in the wrong variable.
 */
export class InvalidConfiguration extends Error {
  override readonly name = 'InvalidConfiguration';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}
