/**
 * One event of an event stream, as text.
 * @param data becomes JSON, which has no line breaks
 * @param id what a client that comes back names as the last event that it has; undefined: keeps the
 *   one before
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export function sseEvent(event: string, data: object, id?: number): string {
  const named = id === undefined ? '' : `id: ${id}\n`;
  return `event: ${event}\n${named}data: ${JSON.stringify(data)}\n\n`;
}
