# Countersign in a container: docs/deploy/docker.md says how to run it.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY script/install script/install
RUN script/install
COPY . .
RUN script/build
RUN script/sbom >sbom.cdx.json
# What only builds and tests goes. The last two are optional peers of what stays, and would stay with it.
RUN npm rm --no-save --omit=dev prisma @playwright/test
RUN rm -rf .next/cache

FROM node:24-bookworm-slim
ENV NODE_ENV=production DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/package.json /app/next.config.mjs /app/sbom.cdx.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/prisma prisma
COPY --from=build /app/.next .next
COPY --from=build /app/dist dist
COPY --from=build /app/bin/countersign bin/countersign
RUN install -d -o node -g node -m 700 /data
USER node
VOLUME /data
EXPOSE 3000
# The server stops within 15 seconds: give it them (docker stop -t 20).
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["bin/countersign"]
CMD ["serve"]
