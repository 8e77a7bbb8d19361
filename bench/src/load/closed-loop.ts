import { setTimeout as delay } from 'node:timers/promises';
import { cpuTimeOf } from '../measure/cpu-time.js';
import { type Throughput, throughputOf } from '../measure/throughput.js';
import { type Expectation, isExpected, UnexpectedAnswer } from './expectation.js';
import { Failure } from './failure.js';
import { HttpConnection } from './http-connection.js';
import { openAll } from './open-all.js';
import { stayAwake } from './stay-awake.js';
import type { RequestSource } from './requests.js';

// Enough for the server never to wait for the load.
const CONNECTIONS = 32;
// Until all connections are in their stride.
const RAMP_MS = 200;

export interface ClosedLoop {
  readonly port: number;
  /** Process whose CPU time counts. */
  readonly pid: number;
  readonly requests: RequestSource;
  readonly expected: Expectation;
  readonly seconds: number;
}

/**
 * Sends as much as is answered: each connection sends its next request when the one before was
 * answered.
 * @throws {UnexpectedAnswer} at the first answer that is wrong; the connection's error, if one is lost
 */
export async function runClosedLoop(loop: ClosedLoop): Promise<Throughput> {
  const failure = new Failure();
  const connections = await openAll(CONNECTIONS, () =>
    HttpConnection.open(loop.port, failure.report),
  );
  let answered = 0;
  const sendNext = (connection: HttpConnection) => {
    connection.send(loop.requests(), (answer) => {
      if (!isExpected(answer, loop.expected)) throw new UnexpectedAnswer(answer, loop.expected);
      answered += 1;
      sendNext(connection);
    });
  };
  const sleep = stayAwake();
  try {
    for (const connection of connections) sendNext(connection);
    await failure.orThrow(delay(RAMP_MS));
    const before = mark(loop.pid, answered);
    await failure.orThrow(delay(loop.seconds * 1000));
    const after = mark(loop.pid, answered);
    return throughputOf(
      after.answered - before.answered,
      after.atSeconds - before.atSeconds,
      after.cpuSeconds - before.cpuSeconds,
    );
  } finally {
    sleep();
    for (const connection of connections) connection.close();
  }
}

function mark(pid: number, answered: number) {
  return { answered, atSeconds: performance.now() / 1000, cpuSeconds: cpuTimeOf(pid).own };
}
