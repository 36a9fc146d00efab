# The server as an image: not root, a read-only file system will do, nothing in it but Node, the compiled
# package and its runtime dependencies. It wants DATABASE_URL; docs/operations.md says the rest.

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/clean.ts scripts/rewrite-declarations.ts scripts/
COPY src/ src/
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
# A server needs no package manager.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
  /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-*
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules/ node_modules/
COPY --from=build /build/dist/ dist/
COPY db/migrations/ db/migrations/
COPY proto/ proto/
COPY LICENSE ./
RUN printf '#!/bin/sh\nexec node /app/dist/cli/main.js "$@"\n' >/usr/local/bin/fleetgate \
  && chmod 0755 /usr/local/bin/fleetgate
ENV NODE_ENV=production
EXPOSE 8080 9464
# A number, so that Kubernetes can tell that it is not root.
USER 1000:1000
# With TLS, set FLEETGATE_ENDPOINT to a name of the certificate that leads here.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["fleetgate", "health", "--timeout", "4s"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/dist/cli/main.js"]
CMD ["serve", "--listen", "0.0.0.0:8080", "--metrics-listen", "0.0.0.0:9464"]
