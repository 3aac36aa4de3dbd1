# The two commands to know: `make demo` and `make test`. `make` alone lists the rest.
# Every debug build uses the same flags, for other flags make everything compile again.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help deps deps-ci build build-tests demo test test-cluster test-install release format lint proto docs bench limits dist image fuzz chaos peers pictures sanitize score chart metrics kustomize ci clean

ifeq ($(shell uname -s),Linux)
FLAGS := -Xswiftc -use-ld=lld
endif

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps:
	@scripts/deps.sh

deps-ci:
	@scripts/deps.sh ci

build: deps ## compile everything (debug)
	swift build $(FLAGS)

demo: deps ## build, then watch a simulated cluster fail and see each incident acknowledged
	swift build $(FLAGS) --product kube-mind
	@"$$(swift build $(FLAGS) --show-bin-path)/kube-mind" watch --simulate

build-tests: deps
	swift build $(FLAGS) --build-tests

# The core's tests only compute; next to them, tests that talk to servers and processes would run into their time limits.
CORE := ^($(shell ls Tests/Core | paste -s -d '|'))\.
# So many at a time: all at once, as is the default, each test's time is that of all of them, and a busy machine's limits are soon reached.
# The rest of them mostly waits for servers.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 8

test: build-tests ## all tests
	@status=0; for part in --filter --skip; do \
	  swift test $(FLAGS) --skip-build --disable-xctest $$part '$(CORE)' || status=1; \
	done; exit $$status

test-cluster: deps ## the end-to-end suite against a real cluster (KUBECONFIG or KUBEBUILDER_ASSETS)
	@scripts/test-cluster.sh

release: deps ## the stripped release binary at dist/kube-mind
	@scripts/release.sh

bench: release ## measure redaction, decoding and the whole pipeline
	@dist/kube-mind bench

format: ## format the Swift sources
	swift format --in-place --recursive --parallel Package.swift Sources Tests

lint: deps-ci ## what CI checks without running anything: Swift format, contract, shell scripts, Dockerfile, chart
	@scripts/lint.sh

proto: deps-ci ## write the Swift code of Protos/ anew
	@scripts/proto.sh

docs: deps ## write the man pages and completions anew from the argument parser
	@scripts/docs.sh

limits: release ## the pipeline at 5,000 pods within the chart's limits, as real limits of a cgroup
	@scripts/limits.sh

dist: image ## what a release consists of, in dist/: archives, chart, image, formula, plugin manifest, checksums
	@scripts/dist.sh

image: deps-ci release ## the container image's tree without a container engine, checked
	@scripts/image.sh

score: deps-ci release ## redaction against a corpus of planted secrets
	@scripts/score.sh

fuzz: deps ## fuzz redaction: make fuzz COUNT=10000000 SEED=1 FROM=0
	swift build -c release $(FLAGS) --product redaction-fuzz
	@"$$(swift build -c release $(FLAGS) --show-bin-path)/redaction-fuzz" --count $(or $(COUNT),1000000) --seed $(or $(SEED),1) --from $(or $(FROM),0)

chaos: deps ## kill and disturb orchestrator and sensor for minutes, and count what arrives (INCIDENTS, SEED; or OUTAGE seconds)
	@scripts/chaos.sh $(if $(OUTAGE),--outage $(OUTAGE) --rate 1 --incidents $(OUTAGE),--incidents $(or $(INCIDENTS),20000) --seed $(or $(SEED),1))

sanitize: deps ## the tests under ThreadSanitizer and AddressSanitizer, each in a build folder of its own
	@scripts/sanitize.sh thread
	@scripts/sanitize.sh address

peers: deps-ci ## the same client against a gRPC server that is not ours
	@scripts/peers.sh

pictures: deps-ci release ## record the README's pictures anew from real runs
	@python3 scripts/recording.py docs/pictures/watch.svg 124 "kube-mind watch --simulate" -- dist/kube-mind watch --simulate
	@scripts/metrics.sh docs/pictures/dashboard.svg

chart: deps-ci ## lint and render the Helm chart with Helm's own engine
	@scripts/chart.sh

test-install: deps-ci ## from nothing to an incident with the chart in ../shared/cluster, by the commands of docs/install.md
	@scripts/test-install.sh

metrics: deps-ci ## let a real Prometheus scrape a simulated run, and ask it every query of alerts and dashboard
	@scripts/metrics.sh

kustomize: deps-ci ## write deploy/kustomize/base anew from the chart
	@scripts/chart.sh --write-kustomize

ci: ## everything that CI runs
	@bash .ci/run

clean: ## delete what was built
	rm -rf .build .build-tools .build-thread .build-address dist
