/** Gives the bytes of the next request. */
export type RequestSource = () => Buffer;

/** The same request again and again. */
export function always(request: Buffer): RequestSource {
  return () => request;
}

/** One request after the other, and from the start again. */
export function rotating(requests: readonly Buffer[]): RequestSource {
  let at = 0;
  return () => {
    const request = requests[at];
    if (request === undefined) throw new Error('there are no requests to send');
    at = (at + 1) % requests.length;
    return request;
  };
}

/** A POST over a connection that stays open. */
function postRequest(
  path: string,
  headers: Readonly<Record<string, string>>,
  mediaType: string,
  body: string,
): Buffer {
  const lines = Object.entries({
    host: '127.0.0.1',
    ...headers,
    'content-type': mediaType,
    'content-length': String(Buffer.byteLength(body)),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}

function formRequest(
  path: string,
  headers: Readonly<Record<string, string>>,
  form: Readonly<Record<string, string>>,
): Buffer {
  const body = new URLSearchParams(form).toString();
  return postRequest(path, headers, 'application/x-www-form-urlencoded', body);
}

/** `POST /introspect` about `token`, by a caller with an API key. */
export function introspectRequest(callerKey: string, token: string): Buffer {
  return formRequest('/introspect', { 'x-api-key': callerKey }, { token });
}

/** `POST /v1/verify`, by a caller with an API key. */
export function verifyRequest(callerKey: string, question: object): Buffer {
  const body = JSON.stringify(question);
  return postRequest('/v1/verify', { 'x-api-key': callerKey }, 'application/json', body);
}

/** `POST /token` with client_credentials by HTTP Basic. */
export function clientCredentialsRequest(keyId: string, key: string, audience: string): Buffer {
  const credentials = Buffer.from(`${keyId}:${key}`).toString('base64');
  return formRequest(
    '/token',
    { authorization: `Basic ${credentials}` },
    { grant_type: 'client_credentials', audience },
  );
}

/** `POST /revoke` of a token by the key that it was issued for. */
export function revokeRequest(key: string, token: string): Buffer {
  return formRequest('/revoke', { 'x-api-key': key }, { token });
}

/** Opens a stream of revocations: first all that are in force. */
export function streamRequest(key: string): Buffer {
  const head = `GET /revocations/stream HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: ${key}`;
  return Buffer.from(`${head}\r\n\r\n`);
}

/** The sub-request of a gateway, about an end client with this credential. */
export function forwardAuthRequest(credential: string): Buffer {
  const head = `GET /forward-auth HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${credential}`;
  return Buffer.from(`${head}\r\n\r\n`);
}
