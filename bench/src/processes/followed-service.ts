import type { RevocationEntry } from '@countersign/contracts';
import type { ClientCommand } from './client-command.js';

const HEARTBEAT_MS = 250;
/** As many as a busy service has in force. */
const ENTRIES = 10_000;

/** A `fetch` that answers with keys and with a feed of revocations that hits none of the tokens. */
export function followedService(issuer: string, jwks: ClientCommand['jwks']) {
  return async (url: string): Promise<Response> => {
    switch (new URL(url).pathname) {
      case '/jwks.json':
        return Response.json(jwks);
      case '/revocations':
        return Response.json({
          issuer,
          entries: Array.from({ length: ENTRIES }, (_, at) => entryAt(at + 1)),
          organization: null,
          next_cursor: String(ENTRIES),
          more: false,
          reset: false,
          age_ms: 0,
        });
      case '/revocations/stream':
        return new Response(heartbeats(issuer), {
          headers: { 'content-type': 'text/event-stream' },
        });
      default:
        throw new Error('nobody was to be asked');
    }
  };
}

function entryAt(position: number): RevocationEntry {
  return { position, type: 'jti', id: `jti-${position}`, final: true, expires_at: 9_000_000_000 };
}

function heartbeats(issuer: string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const event = (name: string, data: object) =>
    encoder.encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  let timer: NodeJS.Timeout;
  return new ReadableStream({
    start(controller) {
      const beat = () =>
        controller.enqueue(
          event('heartbeat', { position: String(ENTRIES), synced_ms: performance.now() }),
        );
      controller.enqueue(
        event('hello', { issuer, organization: null, clock_ms: performance.now(), reset: false }),
      );
      beat();
      timer = setInterval(beat, HEARTBEAT_MS);
    },
    cancel: () => clearInterval(timer),
  });
}
