# The image of kube-mind: the binary, its libraries, certificates; no shell, no package manager, not root.
# The steps are scripts of this repository, because the same scripts assemble and check the image's tree where there is no
# container engine (scripts/image.sh): what CI checks is what this file ships.
ARG SWIFT_VERSION=6.3.1
ARG DEBIAN=bookworm

FROM swift:${SWIFT_VERSION}-${DEBIAN} AS build
WORKDIR /src
# Packages first: they change less often than the sources, so that a rebuild finds them in the cache.
COPY scripts/common.sh scripts/deps.sh scripts/libcurl.sh scripts/
RUN scripts/deps.sh ci && scripts/libcurl.sh
COPY Package.swift LICENSE ./
RUN swift package resolve
COPY Protos Protos
COPY Sources Sources
COPY Tests Tests
COPY scripts scripts
ARG SOURCE_DATE_EPOCH=0
# For --version, there is no .git in here: docker build --build-arg COMMIT="$(git rev-parse HEAD)" --build-arg VERSION=0.1.0
ARG COMMIT=unknown
RUN scripts/release.sh && scripts/rootfs.sh /rootfs

FROM scratch
COPY --from=build /rootfs /
ARG COMMIT=unknown
ARG VERSION=unknown
LABEL org.opencontainers.image.title="kube-mind" \
      org.opencontainers.image.description="Sees workloads fail in Kubernetes and says why, without a secret in it" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${COMMIT}"
WORKDIR /home/nonroot
# By number, so that Kubernetes can prove runAsNonRoot.
USER 65532:65532
# Probes and metrics, where http.address says so. Kubernetes has probes of its own; this is for other engines.
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s CMD ["/usr/local/bin/kube-mind", "health"]
ENTRYPOINT ["/usr/local/bin/kube-mind"]
CMD ["watch"]
