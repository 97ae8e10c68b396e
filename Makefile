# make demo            try the loader on SQLite; installs what it needs into .venv
# make demo-postgres   the same on a real PostgreSQL, with both strategies
# make demo-site       the pages about loads in Django's admin, on SQLite: http://127.0.0.1:8000/ (SITE_PORT=8000)
# make test            the whole test suite on SQLite and on PostgreSQL (make test-quick: without the slow ones)
# make test-mariadb    what touches the database on a real MariaDB, which it unpacks beside the project (Debian)
# make test-psycopg3  what is quick on PostgreSQL by its other driver (make test-installed: other shops on the wheel)
# make browser         as root: Chromium, its driver, selenium and axe, for the tests of pages; without, they are left out
# make check           lint, types, migrations and translations
# make bench           benchmarks with plots and a report
# make fuzz            ten minutes of made-up documents for the parser (FUZZ_SECONDS=3600: an hour)

PYTHON ?= python3
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
DEMO := var/demo
OFFERS ?= 100000
WAREHOUSES ?= 3
CHANGED ?= 0.05
CHANGED_PERCENT = $(shell awk "BEGIN { print $(CHANGED) * 100 }") %
FUZZ_SECONDS ?= 600
SITE_PORT ?= 8000
SITE_ENV = DJANGO_SETTINGS_MODULE=config.site_settings DJANGO_SECRET_KEY=demo DATABASE_URL=sqlite:///$(CURDIR)/$(DEMO)/site.sqlite3
PYTEST := $(BIN)/pytest -n auto --dist worksteal

RESET := from apps.products.models import Product; Product.objects.update(stock_quantity=0, stock_updated_at=None)

.PHONY: browser test-installed test-mariadb test-psycopg3 demo demo-site demo-postgres demo-files demo-steps test test-quick test-sqlite test-postgresql test-benchmarks check bench fuzz messages clean

demo: demo-files
	@rm -f $(DEMO)/shop.sqlite3*
	@DATABASE_URL=sqlite:///$(CURDIR)/$(DEMO)/shop.sqlite3 \
		$(MAKE) --no-print-directory demo-steps STRATEGIES=bulk_update

demo-postgres: demo-files
	@rm -rf $(DEMO)/postgres
	@$(BIN)/python backend/embedded_postgres.py $(DEMO)/postgres \
		$(MAKE) --no-print-directory demo-steps STRATEGIES="bulk_update copy"

demo-files: .venv/installed
	@mkdir -p $(DEMO)
	@echo "== Two exports of $(OFFERS) offers × $(WAREHOUSES) warehouses; $(CHANGED_PERCENT) of the offers differ in the second"
	@$(BIN)/python -m fixtures_generator --offers $(OFFERS) --warehouses $(WAREHOUSES) --output $(DEMO)/rests.xml
	@$(BIN)/python -m fixtures_generator --offers $(OFFERS) --warehouses $(WAREHOUSES) --changed-share $(CHANGED) \
		--output $(DEMO)/rests_changed.xml

demo-steps:
	@$(MANAGE) migrate --verbosity 0
	@echo; echo "== A shop with a product for each offer"
	@$(MANAGE) seed_products --file $(DEMO)/rests.xml
	@for strategy in $(STRATEGIES); do \
		$(MANAGE) shell --verbosity 0 --command "$(RESET)" || exit 1; \
		for load in "every product changes:rests.xml" "$(CHANGED_PERCENT) of the products change:rests_changed.xml" \
				"the same file again, nothing changes:rests_changed.xml"; do \
			echo; echo "== $$strategy: $${load%%:*}"; \
			$(MANAGE) load_product_stocks --strategy $$strategy --file $(DEMO)/$${load##*:} || exit 1; \
		done; \
	done

demo-site: .venv/installed
	@mkdir -p $(DEMO)/site
	@rm -f $(DEMO)/site.sqlite3*
	@echo "== A shop with a few days of loads"
	@$(SITE_ENV) $(BIN)/python backend/demo_site.py $(DEMO)/site
	@echo "== http://127.0.0.1:$(SITE_PORT)/admin/stock_pages/stockload/ (Ctrl+C ends it)"
	@$(SITE_ENV) $(MANAGE) runserver --insecure --noreload $(SITE_PORT)

test: test-sqlite test-postgresql

test-sqlite: .venv/installed
	$(PYTEST) --database=sqlite $(PYTEST_OPTIONS)

test-postgresql: .venv/installed
	$(PYTEST) --database=postgresql $(PYTEST_OPTIONS)

# What touches the database and is quick, by psycopg 3: about a minute.
test-psycopg3: var/psycopg3
	PYTHONPATH=$(CURDIR)/$< $(PYTEST) --database=postgresql -m "not slow" backend/tests/stock_loader/database \
		backend/tests/stock_loader/strategies backend/tests/shops

# What works on the shop's rows and is quick, on MariaDB; MARIADB_OPTIONS= has it be all that touches the database.
MARIADB_OPTIONS ?= -m "not slow" backend/tests/reliability backend/tests/shops \
	$(addprefix backend/tests/stock_loader/,database journal load strategies)

test-mariadb: var/mysqlclient
	PYTHONPATH=$(CURDIR)/$< $(PYTEST) --database=mariadb $(MARIADB_OPTIONS)

# Other shops on the installed wheel: one with models of its own and django-oscar, on SQLite and PostgreSQL.
test-installed: .venv/installed
	@rm -rf var/installed-postgres
	$(BIN)/python backend/embedded_postgres.py var/installed-postgres $(BIN)/python backend/tests/installed/run.py --postgresql

test-quick: PYTEST_OPTIONS += -m "not slow"
test-quick: test

check: .venv/installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy .
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) makemigrations --check --dry-run --settings config.site_settings
	$(MANAGE) check

bench: .venv/peers
	$(BIN)/python -m benchmarks $(BENCH_OPTIONS)

fuzz: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement backend/fuzz/requirements.txt
	mkdir -p var/fuzz
	cd var/fuzz && PYTHONPATH=$(CURDIR)/backend:$(CURDIR) $(CURDIR)/$(BIN)/python -m fuzz.documents corpus \
		-max_total_time=$(FUZZ_SECONDS) -max_len=6000 -timeout=20

test-benchmarks: .venv/peers
	$(BIN)/pytest benchmarks --benchmark-only --benchmark-small

messages: .venv/installed
	$(BIN)/python backend/translations.py

clean:
	rm -rf var db.sqlite3* .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/installed: requirements.txt requirements-production.txt
	@echo "== Setting up .venv"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@touch $@

browser: .venv/installed
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium chromium-driver
	mkdir -p var/browser
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade --target var/browser \
		--requirement backend/tests/browser/requirements.txt
	cp backend/tests/browser/package.json var/browser
	npm install --silent --no-package-lock --prefix var/browser

var/psycopg3: backend/tests/psycopg3.txt .venv/installed
	@rm -rf $@
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --target $@ --requirement $<
	@touch $@

# MariaDB's server and client library: Debian's packages, unpacked and not installed; elsewhere what is installed.
var/mariadb:
	@rm -rf $@ $@.packages && mkdir -p $@.packages
	@if command -v apt-get >/dev/null; then cd $@.packages && names="mariadb-server-core libmariadb3 libmariadb-dev \
		$$(apt-cache depends mariadb-server-core | awk '/ Depends: lib(aio|uring|numa|pcre2)/ { print $$2 }')" && \
		{ apt-get download -qq $$names || { apt-get update -qq && apt-get download -qq $$names; }; } && \
		for package in *.deb; do dpkg --extract $$package ../$(@F).packages/root || exit 1; done; \
	else command -v mariadbd >/dev/null && command -v mariadb_config >/dev/null && mkdir $@.packages/root; \
	fi || { echo "No MariaDB: install its server and the headers of its client library, or run on Debian" >&2; exit 1; }
	@mv $@.packages/root $@ && rm -rf $@.packages

var/mysqlclient: backend/tests/mysqlclient.txt .venv/installed | var/mariadb
	@rm -rf $@
	@library=$$(dirname $$(find $(CURDIR)/var/mariadb -name libmariadb.so | head -n 1) 2>/dev/null) && \
	if [ -e "$$library/libmariadb.so" ]; then \
		export MYSQLCLIENT_CFLAGS="-I$(CURDIR)/var/mariadb/usr/include/mariadb"; \
		export MYSQLCLIENT_LDFLAGS="-L$$library -lmariadb -Wl,-rpath,$$library"; \
	fi; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --no-binary mysqlclient \
		--target $@ --requirement $<
	@touch $@

.venv/peers: benchmarks/requirements.txt .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement benchmarks/requirements.txt
	touch $@
