# `make` alone prints what there is.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift

# A static program: it starts in half a millisecond and runs on any Linux of this architecture. What a hit touches lies
# together, and types that the runtime would build are in the program; see docs/decisions/0009. It needs no package, so
# none is fetched.
ORDER := $(CURDIR)/scripts/hit-path.order
# The same bytes in every directory: the identifier of a build, and what strip takes out, would say where it was made.
STRIP := scripts/strip.sh
# A directory of its own, so that it can be built while the tests are.
RELEASE := -c release -debug-info-format none --scratch-path .build/static -Xswiftc -static-executable --disable-default-traits -Xswiftc -use-ld=lld \
	-Xswiftc -Xfrontend -Xswiftc -function-sections \
	-Xlinker --symbol-ordering-file=$(ORDER) -Xlinker --no-warn-symbol-ordering -Xlinker -znoseparate-code -Xlinker --build-id=none

# Static as well, and without packages: a page of text from the cache is to take what a process takes to start.
RELEASE_PDF := -c release -debug-info-format none --scratch-path .build/static -Xswiftc -static-executable --disable-default-traits --product larder-pdf -Xswiftc -use-ld=lld \
	-Xlinker --build-id=none

# Its C library is not linked in: name resolution loads parts of it (docs/decisions/0008). Built apart, because what the
# two share is compiled differently.
RELEASE_JDK := -c release -debug-info-format none --static-swift-stdlib --scratch-path .build/jdk --product larder-jdk -Xlinker --build-id=none \
	-Xcc -ffile-prefix-map=$(CURDIR)=. -Xcxx -ffile-prefix-map=$(CURDIR)=.

RELEASE_REMOTE := $(subst larder-jdk,larder-remote,$(RELEASE_JDK))

.PHONY: help setup setup-build build build-larder build-trace build-jdk build-pdf build-remote build-tests demo compare test fuzz tsan faults stress soak \
	bench bench-plot order lint man \
	interface format install dist dist-test clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Install what building, tests, demo and bench need (Debian; quick when all is there)
	@scripts/setup.sh all

setup-build:
	@scripts/setup.sh build

build: build-larder build-trace build-pdf build-jdk build-remote ## Build the release into build/: larder, larderd, larder-pdf (static), larder-jdk, larder-remote

# Static programs start without what they have no use for: docs/decisions/0005 and 0009.
# They say which Swift they were built with.
build-larder build-pdf order: export LARDER_PROGRAMS = $(shell $(SWIFT) --version 2>/dev/null | sed -nE 's/.*Swift version ([^ ]+).*/\1/p')
build-larder: setup-build
	$(SWIFT) build $(RELEASE) --product larder
	$(SWIFT) build $(RELEASE) --product larderd
	@mkdir -p build
	for program in larder larderd; do \
		$(STRIP) "$$($(SWIFT) build $(RELEASE) --show-bin-path)/$$program" build/$$program.new && \
		mv -f build/$$program.new build/$$program || exit; \
	done

build-trace: setup-build
	scripts/build-trace.sh build/liblarder-trace.so

build-pdf: setup-build
	$(SWIFT) build $(RELEASE_PDF)
	@mkdir -p build
	$(STRIP) "$$($(SWIFT) build $(RELEASE_PDF) --show-bin-path)/larder-pdf" build/larder-pdf.new
	mv -f build/larder-pdf.new build/larder-pdf

# Libraries that not every system has are taken from their archives, which alone are where pkg-config then says they are.
build-jdk build-remote: export PKG_CONFIG_PATH = $(CURDIR)/.build/jdk/archives
build-jdk: setup-build
	scripts/archives.sh $(PKG_CONFIG_PATH) nettle libzstd
	$(SWIFT) build $(RELEASE_JDK)
	@mkdir -p build
	$(STRIP) "$$($(SWIFT) build $(RELEASE_JDK) --show-bin-path)/larder-jdk" build/larder-jdk.new
	mv -f build/larder-jdk.new build/larder-jdk

# In the same directory, for it is built of the same packages.
build-remote: setup-build
	scripts/archives.sh $(PKG_CONFIG_PATH) nettle libzstd hogweed gmp
	$(SWIFT) build $(RELEASE_REMOTE)
	@mkdir -p build
	$(STRIP) "$$($(SWIFT) build $(RELEASE_REMOTE) --show-bin-path)/larder-remote" build/larder-remote.new
	mv -f build/larder-remote.new build/larder-remote

demo: setup build-larder ## Build a real C++ project bare, cold and warm, and compare every object
	@scripts/demo.sh

build-tests: setup-build
	$(SWIFT) build --build-tests $(TEST_FLAGS)

test: setup ## Run the unit tests and the scenario tests through the built programs
	@$(MAKE) --no-print-directory -j2 build-larder build-trace man build-tests
	scripts/check-interface.sh
	scripts/test.sh $(SWIFT)
	Tests/dist/run

compare: setup build-trace ## Compare the notes of the preload library with strace, about 300 commands
	Tests/trace/compare build/liblarder-trace.so

SECONDS ?= 600
fuzz: ## Give each reader of foreign bytes SECONDS=600 of libFuzzer's inputs
	$(SWIFT) build -c release --scratch-path .build/fuzz --disable-default-traits --product larder-fuzz \
		-Xswiftc -sanitize=fuzzer -Xswiftc -DLIBFUZZER -Xswiftc -use-ld=lld
	cd .build/fuzz && for target in frames handover manifest toolchain entry notes; do \
		./release/larder-fuzz $$target -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=1024 -max_len=65536 \
			-print_final_stats=1 || exit; \
	done

tsan: setup ## Run the tests of the daemon and of what threads share under the thread sanitizer
	LARDER_TSAN=1 $(SWIFT) build --build-tests --sanitize=thread --scratch-path .build/tsan
	LARDER_TSAN=1 $(SWIFT) test --skip-build --sanitize=thread --scratch-path .build/tsan \
		--filter 'StressTests|HostileTests|MeanwhileTests|EntryReader|Pending|Flights|Connection'

faults: setup build-larder ## Make each system call of a hit, a miss and a publication fail with each of its errors
	Tests/faults/run --bin build

ROUNDS ?= 300
stress: ## Build a project ROUNDS=300 times while processes of it are killed, and compare every object
	$(SWIFT) build
	Tests/stress/kill-rounds --rounds $(ROUNDS)

soak: setup build-larder build-trace ## Compile, edit, kill, clear and damage at random for SECONDS=600, and compare every byte
	Tests/soak/run --bin build --seconds $(SECONDS)

bench: setup build-larder ## Measure against the targets and the other caches (QUICK=1: under 4 minutes)
	@QUICK=$(QUICK) Benchmarks/run
	@ROUNDS=$(if $(QUICK),100,1000) Benchmarks/locks
	@if [ -x build/larder-jdk ]; then Benchmarks/jdk; fi
	@if [ -x build/larder-pdf ]; then Benchmarks/pdf; fi
	@if [ -d /usr/share/cargo/registry/bat-0.22.1 ]; then Benchmarks/rust --rounds $(if $(QUICK),2,5); fi

bench-plot: ## Draw docs/figures/bench.svg, and write the table of README.md, from the figures of the last `make bench`
	python3 -B Benchmarks/plot.py build/bench.json

order: build-larder ## Note anew what a hit touches (after changes to its path; needs valgrind)
	scripts/order.py "$$($(SWIFT) build $(RELEASE) --show-bin-path)/larder" $(ORDER)
	rm -f "$$($(SWIFT) build $(RELEASE) --show-bin-path)"/larder{,d}
	$(MAKE) build-larder

lint: ## Check format, documentation comments, the imports between layers, and the links of the documentation
	$(SWIFT) format lint -s -r -p Sources $(wildcard Tests Fuzz Examples Benchmarks) Package.swift
	@scripts/check-imports.sh
	@python3 -B scripts/check-links.py

man: ## Make the man pages from docs/ into build/man
	@scripts/setup.sh man
	rm -rf build/man
	python3 -B scripts/manual.py build/man

interface: ## Note anew what the library offers (after a change of it that is meant)
	$(SWIFT) build
	scripts/check-interface.sh --update

format: ## Rewrite the sources in the format that lint checks
	$(SWIFT) format -i -r -p Sources $(wildcard Tests Fuzz Examples Benchmarks) Package.swift

install: $(if $(wildcard build/larder),,build-larder) $(if $(wildcard build/liblarder-trace.so),,build-trace) $(if $(wildcard build/larder-pdf),,build-pdf) $(if $(wildcard build/larder-jdk),,build-jdk) $(if $(wildcard build/larder-remote),,build-remote) ## Install build/* below DESTDIR/PREFIX (PREFIX=/usr/local)
	scripts/install.sh build "$(DESTDIR)$(PREFIX)"

dist: build man ## Make the tarball, the Debian package and the Python wheels in dist/
	@scripts/setup.sh dist
	scripts/dist.sh

BASES ?= .build/bases
dist-test: dist ## Install what is in dist/ in chroots (by root) and a fresh venv, use it and remove it (BASES=DIR keeps the systems)
	@scripts/setup.sh dist-test || true
	Tests/dist/run --artefacts dist --systems "$(BASES)"

clean: ## Remove everything that was built
	rm -rf .build build dist
