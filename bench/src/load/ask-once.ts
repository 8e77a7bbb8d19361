import { bodyOf, textOf } from './answer.js';
import { HttpConnection } from './http-connection.js';
import { type Expectation, isExpected, UnexpectedAnswer } from './expectation.js';

/** An answer that can be kept. */
export interface KeptAnswer {
  readonly head: string;
  readonly body: string;
}

/** One request over a connection of its own. @throws {UnexpectedAnswer} */
export async function askOnce(
  port: number,
  request: Buffer,
  expected: Expectation,
): Promise<KeptAnswer> {
  let fail: (error: Error) => void = () => undefined;
  const connection = await HttpConnection.open(port, (error) => fail(error));
  try {
    return await new Promise((resolve, reject) => {
      fail = reject;
      connection.send(request, (answer) => {
        if (!isExpected(answer, expected)) throw new UnexpectedAnswer(answer, expected);
        const [text, body] = [textOf(answer), bodyOf(answer)];
        resolve({ head: text.slice(0, text.length - body.length), body });
      });
    });
  } finally {
    connection.close();
  }
}
