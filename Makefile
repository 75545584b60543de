# Everything one does here. Go is all it takes to run Tickmark; what the tests
# need besides (PostgreSQL, a C compiler, a browser) .ci/needs sees to.

.DEFAULT_GOAL := check
.NOTPARALLEL:

# Packages with goroutines of their own are tested with the race detector. The
# rules have none, and the embedded Temporal server is not ours to race.
RACE_PACKAGES = ./models/store/... ./workflows/... ./activities/... ./api/...

# Nor is SQLite, which is C translated to Go and several times slower under the
# detector. Its driver, by which our goroutines reach it, is watched, as are the
# rules: what they share through package sync would look like a race otherwise.
RACE = -race $(foreach p,modernc.org/sqlite/lib modernc.org/libc/... modernc.org/memory,-gcflags=$(p)=-race=false)

# Arguments for `make run`, as in: make run ARGS="--day 10s"
ARGS =

# Which benchmarks `make bench` runs, a regular expression.
BENCH = .

# How many mornings `make chaos` plays, from which seed on, in how many
# installations beside each other, and how long a day lasts there.
RUNS = 200
SEED = 1
WORLDS = 4
DAY = 20s

# By how much the clocks of workers are wrong in both, in engagement time.
APART = 1h

# How many clients write in `make rate`.
CLIENTS = 50

# How many days `make chaos-production` plays.
DAYS = 12

# For how long `make fuzz` tries each of its targets.
FUZZTIME = 1m

# How many stories `make forecast` lives through.
STORIES = 500

# Which package `make structure` looks into.
PACKAGE = models

# The program with the embedded server is a module of its own.
SOLO = cd cmd/tickmark-solo &&

.PHONY: check
check: needs formatted vet staticcheck workflowcheck structured deadcode generated licensed proved test shaken ## everything CI checks (the default)

.PHONY: test
test: needs ## all tests, on SQLite and on PostgreSQL
	@.ci/with-postgres $(MAKE) --no-print-directory tests

# The tests, where there is a server for them. Those of solo mostly wait, for an
# engagement that lives through a year and for what is healed: beside the others,
# which give way, since its clock does not wait for who is slow.
# Tests live shortly and make much garbage, as does the compiler: it is collected
# less often.
.PHONY: tests
tests: export GOGC ?= 400
tests:
	@MAKE='$(MAKE)' .ci/beside raced-and-plain solo-tests

.PHONY: raced-and-plain
raced-and-plain:
	CGO_ENABLED=1 nice go test -timeout 25m $(RACE) $(RACE_PACKAGES)
	nice go test -timeout 25m $$(go list ./... | grep -vxF "$$(go list $(RACE_PACKAGES))")

.PHONY: solo-tests
solo-tests:
	$(SOLO) go test -timeout 20m -parallel 4 ./...

.PHONY: run
run: build ## start Tickmark with everything it needs in one process, state in ./data (ARGS="...")
	@exec bin/tickmark-solo $(ARGS)

.PHONY: build
build: ## both programs, into bin/, without what only debuggers read
	@.ci/build

.PHONY: bench
bench: needs ## all benchmarks (BENCH=regexp)
	DURABLE=1 .ci/with-postgres go test -run '^$$' -bench '$(BENCH)' -benchmem ./...
	$(SOLO) DURABLE=1 go test -run '^$$' -bench '$(BENCH)' -benchmem ./...

.PHONY: chaos
chaos: needs ## mornings of messages while everything is killed and Slack lies and clocks of workers are wrong (RUNS=n SEED=n APART=1h)
	$(SOLO) go build -tags failpoints -o '$(CURDIR)/bin/chaos/' . ./chaos
	bin/chaos/chaos --solo bin/chaos/tickmark-solo --runs $(RUNS) --seed $(SEED) --worlds $(WORLDS) --day $(DAY) --apart $(APART)

.PHONY: chaos-production
chaos-production: needs ## days of two servers and two workers on PostgreSQL, under load, while everything is killed, locked, cut and lost (DAYS=n SEED=n)
	$(SOLO) go build -tags failpoints -o '$(CURDIR)/bin/chaos/' ./chaos
	bin/chaos/chaos production --days $(DAYS) --seed $(SEED) --apart $(APART)

.PHONY: rate
rate: needs ## how many commands a second production carries out, with every part a process of its own (CLIENTS=n)
	$(SOLO) go build -o '$(CURDIR)/bin/chaos/rate' ./chaos
	bin/chaos/rate rate --clients $(CLIENTS)

.PHONY: truth
truth: ## the law of one truth over LIVES random engagements (1000), of which make test has 40
	go test ./cmd/internal/cli -run TestEverythingSaysTheSameOfTheTimeOfATask -v -timeout 60m -lives $(or $(LIVES),1000)

.PHONY: pages
pages: needs ## every page in a browser, at all widths, in the light and in the dark: nothing scrolls sideways, is too small or serious to axe-core
	TICKMARK_PAGES=all go test ./api/web -run PagesInABrowser -count=1 -timeout 30m

.PHONY: forecast
forecast: ## by how much forecasts are wrong, week by week, in random stories and where everybody is late, and their laws over more lives (STORIES=n)
	cd models/engagement && go test -run 'ForecastsComeTrue|EverybodyLateIsForeseen|WhoIsOnTimeIsForecastSo|FinishingNeverMoves|ForecastsKeepTheirLaws' \
		-count=1 -timeout 60m -args -stories $(STORIES) -weeks -law-lives 16
	cd models/reminders && go test -run ForecastsOfTheExamples -count=1 -timeout 10m -args -weeks

.PHONY: fuzz
fuzz: ## every fuzz target, one after the other (FUZZTIME=1m)
	@.ci/fuzz $(FUZZTIME)

.PHONY: history
history: ## record workflow histories for the replay tests, and keep the catalog (RELEASE=name)
	@test -n "$(RELEASE)" || { echo 'which release? make history RELEASE=2026-11' >&2; exit 1; }
	$(SOLO) go test -count=1 -run '^TestRecordHistory$$' . -record '$(CURDIR)/workflows/testdata/history/$(RELEASE)'
	mkdir -p 'models/catalog/files/testdata/released/$(RELEASE)'
	cp models/catalog/files/*.yaml 'models/catalog/files/testdata/released/$(RELEASE)/'

.PHONY: generate
generate: tools ## write the generated code, and the drawing in docs/architecture.md, anew
	PATH="$(CURDIR)/bin:$$PATH" go generate ./...
	$(SOLO) PATH="$(CURDIR)/bin:$$PATH" go generate ./...
	bin/structure imports
	bin/bom list

.PHONY: sbom
sbom: tools ## what of others is in the programs, and the licences it is under, into bin/
	bin/bom write

.PHONY: vulnerabilities
vulnerabilities: ## what is known against what the programs call (needs vuln.go.dev)
	go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...
	$(SOLO) go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...

.PHONY: structure
structure: tools ## how large and complex the packages are, and which files of one use which (PACKAGE=dir)
	bin/structure sizes
	bin/structure arrows -v $(PACKAGE)

.PHONY: fmt
fmt: ## format all Go code
	"$$(go env GOROOT)/bin/gofmt" -w .

.PHONY: tools
tools: ## build the tools that check and generate, into bin/
	cd .ci/tools && GOWORK=off go build -buildvcs=false -o '$(CURDIR)/bin/' tool

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The parts of check. What is needed comes first: whether there is a C compiler
# decides what Go compiles, and it need not do that twice.

.PHONY: needs
needs:
	@.ci/needs

.PHONY: formatted
formatted:
	@files=$$("$$(go env GOROOT)/bin/gofmt" -l .); test -z "$$files" || \
		{ echo "not formatted, see \`make fmt\`:" $$files >&2; exit 1; }

.PHONY: vet
vet:
	go vet ./...
	$(SOLO) go vet ./...

.PHONY: staticcheck
staticcheck: tools
	bin/staticcheck ./...
	$(SOLO) ../../bin/staticcheck ./...

.PHONY: workflowcheck
workflowcheck: tools
	bin/workflowcheck ./workflows/...

.PHONY: deadcode
deadcode: tools
	@.ci/deadcode

.PHONY: licensed
licensed: tools
	@bin/bom check

.PHONY: structured
structured: tools
	@bin/structure check

.PHONY: generated
generated: tools
	@.ci/fresh

# A few mornings of chaos, and the measurement of the rate, as briefly as shows
# that it can still be made.
.PHONY: shaken
shaken:
	@$(MAKE) --no-print-directory chaos RUNS=8 WORLDS=2 DAY=15s
	bin/chaos/chaos rate --clients 2 --for 2s

.PHONY: proved
proved: tools
	cd .ci/tools && GOWORK=off go vet ./... && GOWORK=off go test ./...
	@.ci/prove-checks
