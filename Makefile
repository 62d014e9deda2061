# Everything a person or the CI runs. `make help` lists it.
.PHONY: help run demo test bench build lint format clean

SWIFT ?= swift
SOURCES := Package.swift Shared Services Tests

# Those with brokers, services and time limits run by the group: all at once they starve each other.
TEST_GROUPS := 'AMQPTests' 'WorkerRuntimeTests|DeadLettersTests' \
    'PaymentWebhookTests|RefundCtlTests' 'IntegrationTests'
# And at most so many tests at once: each may wait for a broker of its own on a core it shares.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 4
space := $(subst ,, )

help: ## Show this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' Makefile | expand -t 16

run: ## Install, build, start everything on loopback, refund the samples, stay up
	@deploy/local/run.sh run

demo: ## The same, checked against what is expected; stops and exits 0 or 1
	@deploy/local/run.sh demo

test: ## Check the format, build without a warning, run every test
	@deploy/local/install.sh test
	@$(MAKE) --no-print-directory lint
	WARNINGS_AS_ERRORS=1 $(SWIFT) build --build-tests \
	    --explicit-target-dependency-import-check error
	@set -e; for group in $(TEST_GROUPS); do \
	    echo "==> Tests: $$group"; \
	    WARNINGS_AS_ERRORS=1 $(SWIFT) test --skip-build --filter "^($$group)\."; \
	done; echo '==> Tests: the others'; \
	WARNINGS_AS_ERRORS=1 $(SWIFT) test --skip-build \
	    --skip "^($(subst $(space),|,$(subst ',,$(TEST_GROUPS))))\."
	@$(MAKE) --no-print-directory tsan

.PHONY: tsan
# In a folder of its own, as every object differs. A report makes the run fail. Left out: what holds
# calls to the clock, which the sanitizer stretches, and TLS, whose work is done in OpenSSL.
tsan: ## Run the AMQP library's tests with the thread sanitizer
	THREAD_SANITIZER=1 $(SWIFT) build --build-tests --sanitize=thread --scratch-path .build-tsan
	THREAD_SANITIZER=1 $(SWIFT) test --skip-build --sanitize=thread --scratch-path .build-tsan \
	    --skip '(PeerConnection|Drain|TLS|TLSRefusal|Documentation)Tests'

.PHONY: chaos
chaos: ## 2,000 settlements at 50 % faults of Stripe under 30 kills, and their rate: some minutes
	@deploy/local/install.sh test
	for product in orchestrator monitoring payment-webhook; do \
	    $(SWIFT) build -c release --static-swift-stdlib --product $$product || exit 1; done
	$(SWIFT) build --build-tests
	REFUND_CHAOS=full REFUND_TEST_BIN=$(CURDIR)/.build/release \
	    $(SWIFT) test --skip-build --filter 'StripeChaosTests|StripeRateTests'

.PHONY: scale-test
scale-test: ## 1, 2 and 4 of every service on PostgreSQL, coming and going, beside one on SQLite. Minutes
	@deploy/local/install.sh test
	$(SWIFT) build --build-tests
	REFUND_SCALE=full $(SWIFT) test --skip-build --filter 'IntegrationTests/InstancesTests'

# More: BENCH_OPTIONS='--databases postgres --parts ab'; see `refund-bench refunds --help`.
bench: ## The whole system beside a raw pump in C: speed, latency, memory, growth. 10 minutes or more
	@deploy/local/run.sh bench --size quick $(BENCH_OPTIONS)

.PHONY: bench-full
bench-full: ## The same with a million waiting and ten million stored cases. Hours, 40 GB of disk
	@deploy/local/run.sh bench --size full $(BENCH_OPTIONS)

bench-amqp: bench-tools ## Measure Shared/AMQP beside C on bare librabbitmq, and print the ratios
	@.build/release/refund-bench amqp
	@.build/release/refund-bench idle

.PHONY: bench-dead-letters
bench-dead-letters: ## Store a million dead letters, page, group and replay them; 50 kills. Minutes
	@deploy/local/install.sh
	for product in dead-letters dead-letters-bench; do \
	    $(SWIFT) build -c release --static-swift-stdlib --product $$product || exit 1; done
	@.build/release/dead-letters-bench scale
	@.build/release/dead-letters-bench kill

soak: bench-tools ## 10,000 reconnects, then a million messages: fails where the client grows
	@.build/release/refund-bench soak

.PHONY: bench-poison
bench-poison: ## 10,000 messages with 10 poisonous ones: fails where the others take 1.2 times as long
	@deploy/local/install.sh test
	$(SWIFT) build -c release --static-swift-stdlib --product poison-worker
	$(SWIFT) build --build-tests
	REFUND_POISON=full REFUND_TEST_BIN=$(CURDIR)/.build/release \
	    $(SWIFT) test --skip-build --filter PoisonTests

.PHONY: bench-amqp soak bench-tools
bench-tools:
	@deploy/local/install.sh
	$(SWIFT) build -c release --static-swift-stdlib --product raw-amqp
	$(SWIFT) build -c release --static-swift-stdlib --product refund-bench

build: ## Build in release
	@deploy/local/install.sh
	$(SWIFT) build -c release

lint: ## Check the format
	$(SWIFT) format lint --strict --parallel --recursive --configuration .swift-format $(SOURCES)

format: ## Write every file in the format
	$(SWIFT) format --in-place --parallel --recursive --configuration .swift-format $(SOURCES)

clean: ## Remove what was built, and the data of `make run`
	rm -rf .build .build-tsan .run
