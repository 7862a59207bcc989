# shellcheck shell=bash
# Databases made from templates, for `run`, `test` and `bench`. Source bin/setup.sh first.
#
# A template is built once for a state of the code and copied in a second. Its name holds a
# hash of all that it was made from; it takes no connections, so nothing can change it.

# Raise it when a template is built differently.
TEMPLATE_VERSION=1

mkdir -p "$LOCAL/log"

# Names of our addons that can be installed, one a line: without those that need an addon
# of OCA, where that is not on the addons path.
our_addons() {
    local manifest
    for manifest in "$ROOT"/addons/*/__manifest__.py; do
        [ -e "$manifest" ] || continue
        grep -Eq "[\"']installable[\"'] *: *False" "$manifest" || lacks_oca "$manifest" ||
            basename "$(dirname "$manifest")"
    done
}
lacks_oca() {
    local name folders
    IFS=, read -ra folders <<<"$ODOO_ADDONS_PATH"
    for name in $(sed -nE 's/^odoo-addon-([a-z0-9-]+)==.*/\1/p' "$OCA_LIST" | tr - _); do
        if grep -Eq "[\"']${name}[\"']" "$1" &&
            [ -z "$(find -L "${folders[@]}" -maxdepth 1 -name "$name" 2>/dev/null)" ]; then
            return 0
        fi
    done
    return 1
}
our_addons_comma() { our_addons | paste -sd, -; }

# What a database with our addons depends on: all files that Odoo loads when it installs.
code_hash() {
    (
        cd "$ROOT/addons" || exit 1
        find . -type f \( -name '*.py' -o -name '*.xml' -o -name '*.csv' -o -name '*.js' \
            -o -name '*.scss' -o -name '*.sql' -o -path '*/demo/*' -o -name '*.po' \) \
            ! -path '*/tests/*' ! -path '*/__pycache__/*' -print0 |
            sort -z | xargs -0 -r sha256sum
        odoo_identity
    ) | sha256sum | cut -c1-12
}

# Which Odoo this is, and which checkout: its files (attachments) lie in this .local/.
odoo_identity() {
    printf "%s %s %s\n" "$SETUP_VERSION.$TEMPLATE_VERSION" "$ROOT" "$LOCAL"
    sha256sum <"$ODOO_SRC/odoo/release.py"
    readlink -f "$ODOO_SRC/odoo"
    find "$CACHE/deb" -name 'odoo-19_*.deb' -printf '%f\n' 2>/dev/null | sort
}

sql() { psql -XAtq -v ON_ERROR_STOP=1 -d "${2:-postgres}" -c "$1"; }
database_exists() { [ -n "$(sql "SELECT 1 FROM pg_database WHERE datname = '$1'")" ]; }
filestore() { printf '%s/filestore/%s' "$ODOO_DATA_DIR" "$1"; }

drop_database() {
    dropdb --if-exists --force "$1" 2>/dev/null || dropdb --if-exists "$1"
    rm -rf -- "$(filestore "$1")"
}

# copy_database FROM TO: files are shared by hard links, Odoo never rewrites one.
copy_database() {
    drop_database "$2"
    createdb -T "$1" "$2"
    rm -rf -- "$(filestore "$2")"
    if [ -d "$(filestore "$1")" ]; then
        cp -al -- "$(filestore "$1")" "$(filestore "$2")" 2>/dev/null ||
            cp -a -- "$(filestore "$1")" "$(filestore "$2")"
    fi
}

# odoo_logged LOG ARGUMENT...: Odoo's output to a file; its end is shown when Odoo fails.
odoo_logged() {
    local log=$1
    shift
    if ! "$PYTHON" "$VENV/bin/odoo" "$@" >"$log" 2>&1 9>&- 8>&-; then
        { grep -E ' (ERROR|CRITICAL) ' "$log" | tail -n 20 || true; } | cut -c1-300 >&2
        tail -n 20 "$log" | cut -c1-300 >&2
        printf 'the whole log: %s\n' "$log" >&2
        return 1
    fi
}

# template KIND HASH BUILDER...: print the template's name; BUILDER NAME fills it if need be.
template() {
    local kind=$1 hash=$2 name old
    shift 2
    name=mp_${kind}_$hash
    exec 8>"$LOCAL/lock-$kind"
    flock 8
    if ! { [ -e "$LOCAL/stamps/db-$name" ] && database_exists "$name"; }; then
        rm -f "$LOCAL/stamps/db-$name"
        ! database_exists "$name" || unfreeze "$name"
        drop_database "$name"
        "$@" "$name" || {
            drop_database "$name" || true
            return 1
        }
        sql "ALTER DATABASE \"$name\" ALLOW_CONNECTIONS false" >/dev/null
        for old in "$LOCAL"/stamps/db-mp_"${kind}"_*; do
            [ -e "$old" ] || continue
            old=${old##*/db-}
            drop_database "$old" 2>/dev/null && rm -f "$LOCAL/stamps/db-$old" || true
        done
        touch "$LOCAL/stamps/db-$name"
    fi
    exec 8>&-
    printf '%s\n' "$name"
}
unfreeze() { sql "ALTER DATABASE \"$1\" ALLOW_CONNECTIONS true" >/dev/null; }

# freeze_statistics NAME: what the planner knows now stays. Tests work within one transaction:
# an autovacuum that comes by meanwhile sees full pages without a row, and the planner then
# expects none and joins thousands of rows in nested loops, for an hour instead of a second.
freeze_statistics() {
    sql "VACUUM ANALYZE" "$1" >/dev/null
    sql "DO \$\$ DECLARE name text; BEGIN
        FOR name IN SELECT oid::regclass FROM pg_class
            WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        LOOP EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off)', name); END LOOP;
        END \$\$" "$1" >/dev/null
}

# Core alone: `sale` brings accounting with a chart of accounts.
build_base() {
    say "installing Odoo's sale and account (once)"
    odoo_logged "$LOCAL/log/template.log" -d "$1" -i sale --no-http --stop-after-init \
        --log-level=warn
}
base_template() { template base "$(odoo_identity | sha256sum | cut -c1-12)" build_base; }

build_demo_base() {
    say "installing Odoo's sale and account with demo data (once)"
    odoo_logged "$LOCAL/log/template.log" -d "$1" -i sale --with-demo --no-http \
        --stop-after-init --log-level=warn
}
demo_base_template() {
    template demobase "$(odoo_identity | sha256sum | cut -c1-12)" build_demo_base
}

# The bundles of the web client, so that no browser test and no first page waits for them.
build_assets() {
    odoo_logged "$LOCAL/log/assets.log" shell -d "$1" --no-http --log-level=warn <<'EOS'
env["ir.qweb"]._pregenerate_assets_bundles()
env.cr.commit()
EOS
}

# All our addons without demo data: what the tests start from.
build_test() {
    local base
    base=$(base_template) && copy_database "$base" "$1" || return 1
    say "installing $(our_addons_comma)"
    odoo_logged "$LOCAL/log/template.log" -d "$1" -i "$(our_addons_comma)" --no-http \
        --stop-after-init --log-level=warn && build_assets "$1" && freeze_statistics "$1"
}
test_template() {
    local hash
    hash=$({ code_hash && sha256sum <"$OCA_LIST"; } | sha256sum | cut -c1-12)
    template test "$hash" build_test
}

# free_port FROM: the first port from there on that nobody listens on.
free_port() {
    "$PYTHON" - "$1" <<'PYTHON_END'
import socket
import sys

for port in range(int(sys.argv[1]), int(sys.argv[1]) + 200):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        print(port)
        break
else:
    sys.exit("no free port")
PYTHON_END
}
