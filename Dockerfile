# syntax=docker/dockerfile:1
# An image with the Debian package in it. The database is elsewhere.
#   docker build -t tessera .
#   docker run --rm -e TESSERA_DATABASE_URL=postgresql://OWNER… tessera migrate
#   docker run -p 8080:8080 -e TESSERA_DATABASE_URL=postgresql://tessera_service… -e TESSERA_OPERATOR_KEY=… tessera
# A secret may be a file: TESSERA_DATABASE_URL_FILE=/run/secrets/database-url.

FROM debian:bookworm AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
WORKDIR /src
# The list alone, so that the layer with the packages stays while the code changes.
COPY tools/lib/packages.sh tools/lib/packages.sh
RUN . tools/lib/packages.sh \
 && apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${build_packages[@]}" dpkg-dev file \
 && rm -rf /var/lib/apt/lists/*
COPY . .
RUN cmake --preset release -DTESSERA_TESTS=OFF \
 && cmake --build build/release --target deb \
 && mv build/release/packages/tessera_*.deb /tessera.deb

FROM debian:bookworm-slim
RUN --mount=type=bind,from=build,source=/tessera.deb,target=/tessera.deb \
    apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends systemd-standalone-sysusers curl /tessera.deb \
 && rm -rf /var/lib/apt/lists/* \
 # The key that the package has just made would be the same in every container.
 && rm -rf /etc/tessera/credentials \
 && install -d -m 0700 -o tessera -g tessera /var/lib/tessera/service
USER tessera
WORKDIR /var/lib/tessera/service
VOLUME /var/lib/tessera/service
# All addresses: the container's network is the fence. /metrics has a port of its own and stays inside by default.
ENV TESSERA_HTTP_ADDRESS=0.0.0.0 \
    TESSERA_AUTH_SIGNING_KEY_FILE=/var/lib/tessera/service/signing-key.pem \
    TESSERA_SPOOL_DIR=/var/lib/tessera/service/spool
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=40s --retries=3 \
  CMD ["curl", "-fsS", "-m", "2", "-o", "/dev/null", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["/usr/bin/tessera"]
CMD ["serve"]
