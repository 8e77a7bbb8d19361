/** The part of `fetch` that is used here; tests and proxies bring their own. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

const DOCUMENT_MAX_BYTES = 1_048_576;

/**
 * Wraps `fetch` for small JSON documents: redirects are not followed, only status 200 is good, and
 * reading stops past 1 MiB. The time limit is the caller's `signal`, over the body as well.
 *
 * The function that is returned throws an `Error` for what is not such a document, or as `fetch`.
 */
export function fetchDocument(fetchImplementation: Fetch): Fetch {
  return async (url, init) => {
    const response = await fetchImplementation(url, { ...init, redirect: 'manual' });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`${url} answered ${response.status}`);
    }
    return new Response(await readBounded(url, response));
  };
}

async function readBounded(url: string, { body }: Response): Promise<Blob> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  if (body === null) return new Blob(chunks);
  let bytes = 0;
  // Leaving the loop by an exception cancels the body.
  for await (const chunk of body as ReadableStream<Uint8Array<ArrayBuffer>>) {
    bytes += chunk.byteLength;
    if (bytes > DOCUMENT_MAX_BYTES) throw new Error(`${url} is larger than 1 MiB`);
    chunks.push(chunk);
  }
  return new Blob(chunks);
}
