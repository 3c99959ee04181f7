# Builds with what npm has, and puts Deno's own binary beside the bundle: nothing else must be downloaded, and the image
# is no larger than with the executable of `deno task compile`, which holds the same two things.
# To pin the base images' bytes too, give their digests: --build-arg RUN_IMAGE=debian@sha256:…
ARG BUILD_IMAGE=node:22.12.0-bookworm-slim
ARG RUN_IMAGE=debian:bookworm-20241202-slim

FROM ${BUILD_IMAGE} AS build
RUN npm install --global --no-fund --no-audit deno@2.9.6
WORKDIR /src
COPY deno.json deno.lock main.ts ./
COPY lib lib
COPY release release
# Of what is built, as the context holds no repository: git rev-parse --short=12 HEAD, git log -1 --format=%ct
ARG BUILD_COMMIT
ARG SOURCE_DATE_EPOCH
RUN deno run --allow-read --allow-write=/image --allow-run --allow-env=BUILD_COMMIT,SOURCE_DATE_EPOCH \
      release/container.ts /image \
 && cp "$(deno eval 'console.log(Deno.execPath())')" /image/usr/local/bin/deno

FROM ${RUN_IMAGE}
ARG BUILD_COMMIT
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="prodigy-exporter" \
      org.opencontainers.image.description="Prometheus metrics of Prodigy's workflows and MapReduce jobs" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${BUILD_COMMIT}"
COPY --from=build /image /
# Prodigy's and Claude Code's directories are mounted, read-only, as .prodigy and .claude here. Whoever may read them is
# who the container runs as (--user), so the directories that are written belong to nobody in particular.
ENV HOME=/home/prodigy \
    PRODIGY_STATE_DIRECTORY=/var/lib/prodigy-exporter/state \
    PRODIGY_SOCKET_PATH=/run/prodigy-exporter/prodigy-exporter.sock \
    DENO_NO_UPDATE_CHECK=1
VOLUME ["/var/lib/prodigy-exporter", "/run/prodigy-exporter"]
EXPOSE 9090
USER 10001:10001
WORKDIR /home/prodigy
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["prodigy-exporter", "health"]
ENTRYPOINT ["prodigy-exporter"]
