# Larder's front door: `make` alone prints what there is.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift

# A static program: it starts in half a millisecond and runs on any Linux of this architecture. What a hit touches lies
# together; see docs/decisions/0009.
ORDER := $(CURDIR)/scripts/hit-path.order
RELEASE := -c release -Xswiftc -static-executable --product larder -Xswiftc -use-ld=lld \
	-Xlinker --symbol-ordering-file=$(ORDER) -Xlinker --no-warn-symbol-ordering -Xlinker -znoseparate-code

.PHONY: help setup setup-build build demo test bench order lint format install clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Install what building, tests, demo and bench need (Debian; quick when all is there)
	@scripts/setup.sh all

setup-build:
	@scripts/setup.sh build

build: setup-build ## Build the static release into build/larder
	$(SWIFT) build $(RELEASE)
	@mkdir -p build
	strip -o build/larder.new "$$($(SWIFT) build $(RELEASE) --show-bin-path)/larder"
	mv -f build/larder.new build/larder

demo: setup build ## Build a real C++ project bare, cold and warm, and compare every object
	@scripts/demo.sh

test: setup ## Run the unit tests and the scenario tests through the built program
	$(SWIFT) build
	$(SWIFT) test
	@if [ -x Tests/Scenarios/run ]; then Tests/Scenarios/run; fi

bench: setup build ## Measure against the bars and the other caches (QUICK=1: under 4 minutes)
	@QUICK=$(QUICK) Benchmarks/run
	@ROUNDS=$(if $(QUICK),100,1000) Benchmarks/locks

order: build ## Note anew what a hit touches (after changes to its path; needs valgrind)
	scripts/order.py "$$($(SWIFT) build $(RELEASE) --show-bin-path)/larder" $(ORDER)
	rm -f "$$($(SWIFT) build $(RELEASE) --show-bin-path)/larder"
	$(MAKE) build

lint: ## Check format, documentation comments and the imports between layers
	$(SWIFT) format lint -s -r -p Sources $(wildcard Tests Examples Benchmarks) Package.swift
	@scripts/check-imports.sh

format: ## Rewrite the sources in the house format
	$(SWIFT) format -i -r -p Sources $(wildcard Tests Examples Benchmarks) Package.swift

install: $(if $(wildcard build/larder),,build) ## Install build/larder below DESTDIR/PREFIX (PREFIX=/usr/local)
	install -D -m 755 build/larder "$(DESTDIR)$(PREFIX)/bin/larder"
	install -D -m 644 LICENSE "$(DESTDIR)$(PREFIX)/share/doc/larder/LICENSE"
	install -m 644 README.md CHANGELOG.md "$(DESTDIR)$(PREFIX)/share/doc/larder/"

clean: ## Remove everything that was built
	rm -rf .build build
