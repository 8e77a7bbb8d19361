// What a backend does with the packages, whichever way they were loaded: each adapter is asked by
// nobody, by somebody, and by somebody who lacks the scope. Prints the statuses as JSON.

/** @param packages the modules by name: ours, and the frameworks' */
module.exports = async function exercise(packages) {
  const { createTestIssuer } = packages.testing;
  const issuer = createTestIssuer({ audience: 'https://orders.example.com' });
  const verifier = issuer.createVerifier();
  await verifier.ready();
  const tokens = [
    undefined,
    issuer.token({ name: 'Ada', scopes: ['orders:read'] }),
    issuer.token({ name: 'Eve', scopes: [] }),
  ];
  const results = {
    contracts: contracts(packages),
    verify: typeof packages.verify.verifySignature,
  };
  for (const [name, serve] of Object.entries({ express, fastify, hono, nest })) {
    const { call, stop } = await serve(packages, verifier);
    results[name] = [];
    for (const token of tokens) {
      const response = await call(token === undefined ? {} : { authorization: `Bearer ${token}` });
      const text = await response.text();
      results[name].push(response.ok ? text : response.status);
    }
    await stop();
  }
  await verifier.close();
  return results;
};

function contracts({ contracts }) {
  return contracts.scopeToken.safeParse('read:users').success;
}

const over = (url) => (headers) => fetch(`${url}/orders`, { headers });

async function express({ frameworks, ...packages }, verifier) {
  const { countersign, principalOf } = packages.express;
  const app = frameworks.express();
  app.get('/orders', countersign(verifier)('orders:read'), (request, response) => {
    response.send(principalOf(request).name);
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const stop = () => new Promise((resolve) => server.close(resolve));
  return { call: over(`http://127.0.0.1:${server.address().port}`), stop };
}

async function fastify({ frameworks, ...packages }, verifier) {
  const { countersign, principalOf } = packages.fastify;
  const app = frameworks.fastify();
  await app.register(countersign, { verifier });
  app.get(
    '/orders',
    { config: { scopes: ['orders:read'] } },
    (request) => principalOf(request).name,
  );
  return { call: over(await app.listen({ port: 0, host: '127.0.0.1' })), stop: () => app.close() };
}

async function hono({ frameworks, ...packages }, verifier) {
  const { countersign } = packages.hono;
  const app = new frameworks.Hono();
  app.get('/orders', countersign(verifier)('orders:read'), (c) => c.text(c.get('principal').name));
  return { call: (headers) => app.request('/orders', { headers }), stop: async () => undefined };
}

async function nest({ frameworks, ...packages }, verifier) {
  const { Controller, Get, Module, NestFactory } = frameworks;
  const { CountersignModule, CurrentPrincipal, RequireScopes } = packages.nest;
  class Orders {
    list(principal) {
      return principal.name;
    }
  }
  const list = [
    Orders.prototype,
    'list',
    Object.getOwnPropertyDescriptor(Orders.prototype, 'list'),
  ];
  Controller()(Orders);
  Get('orders')(...list);
  RequireScopes('orders:read')(...list);
  CurrentPrincipal()(Orders.prototype, 'list', 0);
  class App {}
  Module({ imports: [CountersignModule.forRoot({ verifier })], controllers: [Orders] })(App);
  const app = await NestFactory.create(App, { logger: false, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  return { call: over(await app.getUrl()), stop: () => app.close() };
}
