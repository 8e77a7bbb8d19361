# syntax=docker/dockerfile:1

# --- build: all dependencies, then JavaScript -----------------------------------------------------
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY . .
# Without optional dependencies: no embedded Postgres, and no second Node beside the image's own.
# Without scripts: argon2 brings its compiled binding along. `npm ci` would refuse the workspaces that
# .dockerignore leaves out (client, adapters, examples and more); `npm install` keeps the lock's versions.
RUN --mount=type=cache,target=/root/.npm \
    npm install --omit=optional --ignore-scripts \
    && node node_modules/typescript/bin/tsc -b apps/server

# --- what the service needs when it runs ----------------------------------------------------------
FROM build AS runtime-files
RUN --mount=type=cache,target=/root/.npm \
    npm prune --omit=dev --omit=optional --ignore-scripts \
    && find apps libs migrations -name node_modules -prune -o \
         \( -name src -o -name '*.tsbuildinfo' -o -name 'tsconfig.json' \) -exec rm -rf {} + \
    && mkdir /data && chown node:node /data

# --- the image ------------------------------------------------------------------------------------
FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="Countersign" \
      org.opencontainers.image.description="Any credential in, one principal out." \
      org.opencontainers.image.licenses="Apache-2.0"
# The embedded database is not in the image: DATABASE_URL must be set, and with it a secret.
# glibc's heaps: one for each thread would keep what the thread needed once.
ENV NODE_ENV=production \
    MALLOC_ARENA_MAX=2 \
    HOST=0.0.0.0 \
    PORT=8080 \
    COUNTERSIGN_DATA_DIR=/data
WORKDIR /app
# Owned by root, so that the process cannot change its own code.
COPY --from=runtime-files /app ./
# The first administrator's key is written here, at the first start.
COPY --from=runtime-files --chown=node:node /data /data
VOLUME /data
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# The service collects what its start has left behind, once, and its young generation keeps one size: Node would let it
# shrink to what a busy service collects all the time, or grow to more memory than all the rest takes. Node itself is the
# process that gets SIGTERM: no shell and no npm in between.
ENTRYPOINT ["node", "--expose-gc", "--min-semi-space-size=8", "--max-semi-space-size=8", "--enable-source-maps", "apps/server/dist/main.js"]
