#!/usr/bin/env bash
# Gets Odoo 19.0, its Python environment and a PostgreSQL cluster ready for this checkout.
#
#   bin/setup.sh [run|test]   set everything up (test: browser and linters as well)
#   bin/setup.sh start|stop   start or stop the private PostgreSQL cluster
#   bin/setup.sh env          print the environment, for eval "$(bin/setup.sh env)"
#
# `run`, `test` and `bin/odoo` source this file. All it makes lies in .local/ of the
# checkout and may be deleted; downloads are kept in the user's cache folder. A step
# that is done is recognised by its stamp, so calling again costs next to nothing.

set -euo pipefail

SETUP_VERSION=1
PROJECT=odoo-marketplaces
ODOO_SERIES=19.0
ODOO_GIT=https://github.com/odoo/odoo.git
# For systems whose apt names no Debian mirror (Ubuntu); without it Odoo is cloned with git.
DEBIAN_MIRROR=${DEBIAN_MIRROR:-}
MEDIAPIPE=@mediapipe/selfie_segmentation@0.1.1675465747
MEDIAPIPE_FILE=selfie_segmentation.js
RLPYCAIRO=rlPyCairo==0.4.0

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
LOCAL=$ROOT/.local
CACHE=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/$PROJECT
VENV=$LOCAL/venv
PYTHON=$VENV/bin/python
ODOO_SRC=$LOCAL/odoo
FONT_PACKAGES=(
    libjs-jquery libjs-jquery-form libjs-underscore fonts-font-awesome
    fonts-roboto-unhinted fonts-inconsolata fonts-dejavu-core
)

# runuser lies where only a full login of root looks.
export PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=${LC_ALL:-C.UTF-8}
export PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '  %s\n' "$*" >&2; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# quietly COMMAND...: its output only when it fails.
quietly() {
    local log
    log=$(mktemp)
    if "$@" >"$log" 2>&1 9>&-; then
        rm -f "$log"
    else
        local status=$?
        tail -n 30 "$log" >&2
        rm -f "$log"
        return "$status"
    fi
}

# A step is done when its stamp holds the hash of all that it was made from.
stamp_key() { printf '%s\n' "$SETUP_VERSION" "$@" | sha256sum | cut -c1-16; }
stamped() { [ "$(cat "$LOCAL/stamps/$1" 2>/dev/null)" = "$2" ]; }
stamp() { printf '%s\n' "$2" >"$LOCAL/stamps/$1"; }

# --- system packages -------------------------------------------------------------------

os_release() { (. /etc/os-release && printf '%s' "${!1:-}"); }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}
may_install() { have apt-get && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; }

missing_packages() {
    local package
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
            printf '%s\n' "$package"
    done
}

# apt_install PACKAGE...: install those that are missing; false when that is impossible.
apt_install() {
    local missing
    have dpkg-query || return 1
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    may_install || return 1
    say "installing system packages: ${missing[*]}"
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=300)
    if ! as_root "${apt[@]}" install --no-install-recommends "${missing[@]}" \
        >/dev/null 2>&1 9>&-; then
        # Most often the package lists are missing or too old.
        quietly as_root "${apt[@]}" update &&
            quietly as_root "${apt[@]}" install --no-install-recommends "${missing[@]}"
    fi
}

need_packages() {
    local purpose=$1
    shift
    apt_install "$@" || die "$purpose: as root, run  apt-get install $*"
}

# --- Odoo ------------------------------------------------------------------------------

odoo_series_of() {
    sed -n 's/^version_info = (\([0-9]*\), \([0-9]*\),.*/\1.\2/p' \
        "$1/odoo/release.py" 2>/dev/null
}

# use_odoo FOLDER: let .local/odoo name the folder that holds the package `odoo`.
use_odoo() {
    [ "$(odoo_series_of "$1")" = "$ODOO_SERIES" ] || return 1
    mkdir -p "$ODOO_SRC"
    ln -sfn "$1/odoo" "$ODOO_SRC/odoo"
    rm -f "$ODOO_SRC/addons"
    if [ -d "$1/addons" ]; then
        ln -sfn "$1/addons" "$ODOO_SRC/addons"
    fi
}

odoo_from_environment() {
    local folder
    if [ -n "${ODOO_HOME:-}" ]; then
        folder=$(cd -- "$ODOO_HOME" && pwd -P) && use_odoo "$folder" ||
            die "ODOO_HOME=$ODOO_HOME is not an Odoo $ODOO_SERIES source tree"
    else
        folder=$(cd / && python3 -c '
import importlib.util, os
spec = importlib.util.find_spec("odoo")
print(os.path.dirname(list(spec.submodule_search_locations)[0]))' 2>/dev/null) || return 1
        use_odoo "$folder" || return 1
    fi
    say "Odoo $ODOO_SERIES: $folder"
}

# Debian mirrors that apt already uses here, those known to be Debian's first.
debian_mirrors() {
    local codename
    codename=$(os_release VERSION_CODENAME)
    if [ "$(os_release ID)" = debian ]; then
        # shellcheck disable=SC2016  # apt fills these in
        apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 2>/dev/null |
            awk -v suite="$codename" '$1 == suite && $2 == "main" { print $3 }' | sort -u
    fi
    if [ -n "$DEBIAN_MIRROR" ]; then
        printf '%s\n' "$DEBIAN_MIRROR"
    fi
}

debian_keyring() {
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -r "$keyring" ] || apt_install debian-archive-keyring || return 1
    [ -r "$keyring" ] && printf '%s\n' "$keyring"
}

# The unstable suite seen through an apt of its own: the system's sources stay as they are.
private_apt() {
    local folder=$LOCAL/apt
    apt-get -q -o Dir::Etc::sourcelist="$folder/sources.list" -o Dir::Etc::sourceparts=- \
        -o Dir::Etc::preferences=- -o Dir::Etc::preferencesparts=- \
        -o Dir::State::lists="$folder/lists" -o Dir::Cache="$folder/cache" \
        -o APT::Sandbox::User= -o Acquire::Languages=none "$@"
}

download_odoo_deb() {
    local mirror keyring folder=$LOCAL/apt
    keyring=$(debian_keyring) || return 1
    mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial" "$CACHE/deb"
    while read -r mirror; do
        printf 'deb [signed-by=%s] %s unstable main\n' "$keyring" "$mirror" \
            >"$folder/sources.list"
        private_apt update >/dev/null 2>&1 9>&- || true
        if (cd "$CACHE/deb" && private_apt download odoo-19 >/dev/null 2>&1 9>&-); then
            rm -rf "$folder"
            return 0
        fi
    done < <(debian_mirrors)
    rm -rf "$folder"
    return 1
}

cached_odoo_deb() { find "$CACHE/deb" -name 'odoo-19_*.deb' 2>/dev/null | sort -V | tail -n 1; }

odoo_from_debian() {
    local deb tree=$LOCAL/odoo-deb
    have apt-get && have dpkg-deb || return 1
    deb=$(cached_odoo_deb)
    if ! { [ -n "$deb" ] && dpkg-deb --info "$deb" >/dev/null 2>&1; }; then
        say "downloading Debian's package odoo-19"
        download_odoo_deb || return 1
        deb=$(cached_odoo_deb)
    fi
    say "unpacking $(basename "$deb")"
    rm -rf "$tree"
    mkdir -p "$tree"
    dpkg-deb -x "$deb" "$tree"
    use_odoo "$tree/usr/lib/python3/dist-packages" || return 1
    complete_debian_tree "$tree"
}

# Debian's package shares jQuery and fonts with other packages and leaves out one file.
complete_debian_tree() {
    local folder tree=$1
    need_packages "jQuery and fonts of the web client" "${FONT_PACKAGES[@]}"
    for folder in javascript fonts fonts-font-awesome; do
        ln -sfn "/usr/share/$folder" "$tree/usr/share/$folder"
    done
    add_selfie_segmentation "$ODOO_SRC/odoo/addons/mail/static/lib/selfie_segmentation"
}

# `mail` lists this file in its assets: without an answer to its URL the browser logs an
# error, and a browser test ends at any logged error.
add_selfie_segmentation() {
    local target=$1/$MEDIAPIPE_FILE cached=$CACHE/npm/$MEDIAPIPE_FILE
    [ ! -s "$target" ] || return 0
    mkdir -p "$1" "$CACHE/npm"
    if [ ! -s "$cached" ] && have npm; then
        (cd "$CACHE/npm" && rm -f ./*.tgz && npm pack --silent "$MEDIAPIPE" &&
            tar -xzOf ./*.tgz "package/$MEDIAPIPE_FILE" >"$MEDIAPIPE_FILE.part" &&
            mv "$MEDIAPIPE_FILE.part" "$MEDIAPIPE_FILE"; rm -f ./*.tgz) >/dev/null 2>&1 || true
    fi
    if [ -s "$cached" ]; then
        cp "$cached" "$target"
    else
        say "no npm: background blur in video calls is left out"
        printf '// Left out: needs the npm package %s.\n' "$MEDIAPIPE" >"$target"
    fi
}

odoo_from_git() {
    local mirror=$CACHE/odoo-$ODOO_SERIES.git tree=$LOCAL/odoo-git
    have git || return 1
    if [ ! -d "$mirror" ]; then
        say "cloning Odoo's branch $ODOO_SERIES"
        rm -rf "$mirror.part"
        quietly git clone --quiet --bare --depth 1 --branch "$ODOO_SERIES" \
            "$ODOO_GIT" "$mirror.part" || return 1
        mv "$mirror.part" "$mirror"
    fi
    rm -rf "$tree"
    quietly git clone --quiet --branch "$ODOO_SERIES" "$mirror" "$tree" || return 1
    use_odoo "$tree"
}

ensure_odoo() {
    local key
    key=$(stamp_key "${ODOO_HOME:-}")
    if stamped odoo "$key" && [ -r "$ODOO_SRC/odoo/release.py" ]; then
        return 0
    fi
    rm -rf "$ODOO_SRC"
    odoo_from_environment || odoo_from_debian || odoo_from_git ||
        die "no Odoo $ODOO_SERIES: set ODOO_HOME to a source tree; Debian's mirror and" \
            "$ODOO_GIT could not be reached"
    stamp odoo "$key"
}

# --- Python ----------------------------------------------------------------------------

usable_python() {
    "$1" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
        >/dev/null 2>&1
}

find_python() {
    local candidate
    for candidate in "${PYTHON3:-python3}" python3.12 python3.11 python3.13 \
        /usr/bin/python3; do
        if have "$candidate" && usable_python "$candidate"; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    return 1
}

pip_install() {
    if have uv; then
        quietly uv pip install --quiet --python "$PYTHON" "$@"
    else
        quietly "$PYTHON" -m pip install --quiet "$@"
    fi
}

# rlPyCairo draws QR codes and barcodes in PDFs; pycairo has no wheel and must be built.
install_cairo() {
    if ! pip_install "$RLPYCAIRO" 2>/dev/null; then
        apt_install libcairo2-dev pkg-config build-essential python3-dev &&
            pip_install "$RLPYCAIRO" && return 0
        say "no cairo (libcairo2-dev): PDFs will lack QR codes and barcodes"
    fi
}

ensure_venv() {
    local key python requirements=("$ROOT"/requirements*.txt)
    key=$(stamp_key "$(cat "${requirements[@]}")")
    if stamped venv "$key" && "$PYTHON" -c 'import odoo.release' 2>/dev/null; then
        return 0
    fi
    # An environment in use is brought up to date in place.
    if ! usable_python "$PYTHON"; then
        python=$(find_python) || {
            need_packages "Python environment" python3 python3-venv
            python=$(find_python) || die "Python 3.11 to 3.13 is needed"
        }
        rm -rf "$VENV"
        "$python" -m venv "$VENV"
    fi
    say "installing Python packages ($("$PYTHON" -V))"
    quietly "$PYTHON" -m pip install --quiet --upgrade pip setuptools wheel
    pip_install -r "$ROOT/requirements-odoo.txt" -r "$ROOT/requirements.txt" \
        -r "$ROOT/requirements-dev.txt" -c "$ROOT/requirements-constraints.txt"
    install_cairo
    printf '%s\n' "$ODOO_SRC" >"$("$PYTHON" -c 'import site; print(site.getsitepackages()[0])')/odoo-source.pth"
    printf '%s\n' 'import odoo.cli' '' 'if __name__ == "__main__":' '    odoo.cli.main()' \
        >"$VENV/bin/odoo"
    "$PYTHON" -c 'import odoo.cli' || die "Odoo cannot be imported from $ODOO_SRC"
    stamp venv "$key"
}

# --- PostgreSQL ------------------------------------------------------------------------

conf_value() {
    sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*\(.*[^[:space:]]\)[[:space:]]*\$/\1/p" \
        "${ODOO_RC:-$ROOT/odoo.conf}" 2>/dev/null | grep -vix -e false -e none | tail -n 1 || true
}

find_pg_bin() {
    local folder
    for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin | sort -rV) \
        "$(pg_config --bindir 2>/dev/null || true)"; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then
            printf '%s\n' "$folder"
            return 0
        fi
    done
    return 1
}

# The server refuses to run as root; which account runs it instead.
pg_account() {
    if [ "$(id -u)" != 0 ]; then
        id -un
    elif id postgres >/dev/null 2>&1; then
        printf 'postgres\n'
    else
        printf 'nobody\n'
    fi
}

as_pg() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && runuser -u "$PG_ACCOUNT" -- "$@")
    else
        (cd / && "$@")
    fi
}

# Where the cluster lies: in .local/ if its account can get there and a socket path fits
# (107 characters at most), else in a private folder under the temporary files.
pg_home() {
    local home=$LOCAL/pg
    if [ ${#home} -le 80 ] && as_pg test -x "$LOCAL"; then
        printf '%s\n' "$home"
    else
        printf '/var/tmp/%s-%s\n' "$PROJECT" \
            "$(printf '%s %s' "$PG_ACCOUNT" "$ROOT" | sha256sum | cut -c1-12)"
    fi
}

pg_configure() {
    if [ -n "${PGHOST:-}" ] && [ "$PGHOST" != "${PRIVATE_PGHOST:-}" ]; then
        PG_PRIVATE=
        return 0
    fi
    if [ -n "$(conf_value db_host)" ]; then
        PG_PRIVATE=
        PGHOST=$(conf_value db_host)
        PGPORT=$(conf_value db_port)
        PGUSER=$(conf_value db_user)
        PGPASSWORD=$(conf_value db_password)
        export PGHOST PGPORT=${PGPORT:-5432} PGUSER=${PGUSER:-odoo}
        [ -z "$PGPASSWORD" ] || export PGPASSWORD
        return 0
    fi
    PG_PRIVATE=1
    PG_ACCOUNT=$(pg_account)
    PG_HOME=$(pg_home)
    unset PGPASSWORD PGDATABASE PGSERVICE PGSSLMODE PGHOSTADDR
    export PGHOST=$PG_HOME PGPORT=5432 PGUSER=odoo PRIVATE_PGHOST=$PG_HOME
    PG_BIN=$(find_pg_bin) || PG_BIN=
    if [ -n "$PG_BIN" ]; then
        export PATH=$PATH:$PG_BIN
    fi
}

pg_answers() { psql -Atqc 'SELECT 1' postgres >/dev/null 2>&1; }

pg_make_home() {
    # The token ties the cluster to this .local/: after `rm -rf .local` the databases go too.
    local token
    [ -s "$LOCAL/pg.token" ] || od -An -N12 -tx1 /dev/urandom | tr -d ' \n' >"$LOCAL/pg.token"
    token=$(cat "$LOCAL/pg.token")
    if [ -e "$PG_HOME" ] || [ -L "$PG_HOME" ]; then
        [ ! -L "$PG_HOME" ] && [ "$(stat -c %U "$PG_HOME")" = "$PG_ACCOUNT" ] ||
            die "$PG_HOME belongs to somebody else"
        [ "$(cat "$PG_HOME/token" 2>/dev/null)" != "$token" ] || return 0
        pg_ctl_stop
        rm -rf "$PG_HOME"
    fi
    mkdir -m 700 "$PG_HOME"
    printf '%s\n' "$token" >"$PG_HOME/token"
    if [ "$(id -u)" = 0 ]; then
        chown -R "$PG_ACCOUNT" "$PG_HOME"
    fi
}

pg_init() {
    say "creating a PostgreSQL cluster in $PG_HOME"
    as_pg "$PG_BIN/initdb" -D "$PG_HOME/data" -U odoo --auth=trust --encoding=UTF8 \
        --locale=C.UTF-8 --no-sync >/dev/null
    # A cluster for development: what it holds can be made again, so it need not survive
    # a power cut. It listens on a socket in a folder that only its account may enter.
    as_pg tee -a "$PG_HOME/data/postgresql.conf" >/dev/null <<EOF
listen_addresses = ''
unix_socket_directories = '$PG_HOME'
max_connections = 200
shared_buffers = 256MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
jit = off
EOF
}

pg_ctl_stop() {
    if [ -s "$PG_HOME/data/postmaster.pid" ]; then
        as_pg "$PG_BIN/pg_ctl" -D "$PG_HOME/data" -m fast -w stop >/dev/null 2>&1 || true
    fi
}

ensure_postgres() {
    pg_configure
    if [ -z "$PG_PRIVATE" ]; then
        have psql || need_packages "PostgreSQL client" postgresql-client
        pg_answers || die "the PostgreSQL server named by PGHOST or odoo.conf ($PGHOST) does not answer"
        return 0
    fi
    if pg_answers; then
        return 0
    fi
    if [ -z "$PG_BIN" ]; then
        need_packages "PostgreSQL" postgresql
        pg_configure
        [ -n "$PG_BIN" ] || die "PostgreSQL's server programs (initdb) were not found"
    fi
    pg_make_home
    [ -s "$PG_HOME/data/PG_VERSION" ] && [ -s "$PG_HOME/data/postgresql.conf" ] || pg_init
    say "starting PostgreSQL"
    as_pg "$PG_BIN/pg_ctl" -D "$PG_HOME/data" -l "$PG_HOME/log" -w -t 60 start \
        >/dev/null 2>&1 9>&- </dev/null || die "PostgreSQL does not start, see $PG_HOME/log"
    pg_answers || die "PostgreSQL does not answer, see $PG_HOME/log"
}

# --- tools beside Odoo -----------------------------------------------------------------

browser() {
    local name
    for name in google-chrome chromium chromium-browser google-chrome-stable; do
        # Ubuntu's chromium-browser without snap is a script that only prints advice.
        if have "$name" && "$name" --version 2>/dev/null </dev/null | grep -Eq '[0-9]+\.[0-9]+'; then
            printf '%s\n' "$name"
            return 0
        fi
    done
    return 1
}

ensure_browser() {
    if browser >/dev/null; then
        return 0
    fi
    if [ "$(os_release ID)" = ubuntu ]; then
        ubuntu_browser
    else
        apt_install chromium || true
    fi
    browser >/dev/null || die "browser tests need Chromium: as root, run  apt-get install chromium"
}

# Ubuntu has Chromium as a snap only, which servers and containers often cannot run.
ubuntu_browser() {
    local home=$CACHE/browsers chrome
    say "downloading Chromium"
    pip_install playwright || return 0
    if may_install; then
        quietly as_root "$PYTHON" -m playwright install-deps chromium || true
    fi
    PLAYWRIGHT_BROWSERS_PATH=$home quietly "$PYTHON" -m playwright install chromium || return 0
    chrome=$(find "$home" -type f -name chrome -perm -u+x | sort -V | tail -n 1)
    mkdir -p "$LOCAL/bin"
    [ -z "$chrome" ] || ln -sfn "$chrome" "$LOCAL/bin/chromium"
}

ensure_wkhtmltopdf() {
    have wkhtmltopdf || apt_install wkhtmltopdf ||
        say "no wkhtmltopdf: documents cannot be printed as PDF"
}

# --- addons of others -------------------------------------------------------------------

# ensure_addons NAME LIST: the addons that LIST pins with their checksums, in .local/NAME.
# What they depend on does not come with them: Odoo alone, or LIST names it.
ensure_addons() {
    local key folder=$LOCAL/$1
    key=$(stamp_key "$(cat "$2")")
    if stamped "$1" "$key" && [ -d "$folder/odoo/addons" ]; then
        return 0
    fi
    say "downloading addons of others ($(basename "$2"))"
    rm -rf "$folder"
    pip_install --no-deps --require-hashes --target "$folder" -r "$2" ||
        die "the addons of $2 could not be downloaded from PyPI"
    stamp "$1" "$key"
}

# The addons of OCA that bridges of ours need, once ./test has fetched them: our addons do
# without, so ./run never sees them.
OCA_LIST=$ROOT/tests/oca.txt
OCA=$LOCAL/oca
ensure_oca() {
    ensure_addons oca "$OCA_LIST"
    add_oca
}
add_oca() {
    [ -d "$OCA/odoo/addons" ] || return 0
    case ,$ODOO_ADDONS_PATH, in
    *",$OCA/odoo/addons,"*) return 0 ;;
    esac
    export ODOO_ADDONS_PATH=$ODOO_ADDONS_PATH,$OCA/odoo/addons
    export PYTHONPATH=$OCA${PYTHONPATH:+:$PYTHONPATH}
}

# --- all together ----------------------------------------------------------------------

# The environment of everything that runs Odoo; each of Odoo's options can come this way.
odoo_env() {
    mkdir -p "$LOCAL/data"
    export ODOO_RC=${ODOO_RC:-$ROOT/odoo.conf}
    export ODOO_ADDONS_PATH=${ODOO_ADDONS_PATH:-$ROOT/addons}
    export ODOO_DATA_DIR=${ODOO_DATA_DIR:-$LOCAL/data}
    # Without compiled modules each start of Odoo takes twice as long. They are kept here,
    # so that no source tree is written to, and even where Python is told to keep none.
    export PYTHONPYCACHEPREFIX=$LOCAL/pycache
    unset PYTHONDONTWRITEBYTECODE
    case :$PATH: in
    *":$LOCAL/bin:"*) ;;
    *) export PATH=$LOCAL/bin:$VENV/bin:$PATH ;;
    esac
}

# One set-up at a time for a checkout; whoever comes second finds the work done.
lock() {
    mkdir -p "$LOCAL/stamps" 2>/dev/null && [ -w "$LOCAL" ] ||
        die "$LOCAL cannot be written to (made by another user?)"
    exec 9>"$LOCAL/lock"
    flock -n 9 || { say "waiting for another set-up of this checkout" && flock 9; }
}
unlock() { exec 9>&-; }

# setup run|test
setup() {
    lock
    ensure_odoo
    ensure_venv
    ensure_postgres
    odoo_env
    ensure_wkhtmltopdf
    if [ "$1" = test ]; then
        ensure_browser
        ensure_oca
    fi
    touch "$LOCAL/ready"
    unlock
}

# As little as a command needs: the whole set-up only when there has been none.
setup_quick() {
    if [ ! -e "$LOCAL/ready" ] || [ ! -x "$PYTHON" ]; then
        setup run
        return
    fi
    pg_configure
    odoo_env
    if ! pg_answers; then
        lock
        ensure_postgres
        unlock
    fi
}

print_env() {
    local name
    for name in ODOO_RC ODOO_ADDONS_PATH ODOO_DATA_DIR PATH PGHOST PGPORT PGUSER PGPASSWORD \
        PRIVATE_PGHOST PYTHONPYCACHEPREFIX PYTHONPATH; do
        [ -z "${!name:-}" ] || printf 'export %s=%q\n' "$name" "${!name}"
    done
    printf 'unset PYTHONDONTWRITEBYTECODE\n'
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    case ${1:-run} in
    run | test) setup "${1:-run}" ;;
    start) setup_quick ;;
    stop)
        pg_configure
        [ -z "$PG_PRIVATE" ] || pg_ctl_stop
        ;;
    env)
        setup_quick
        add_oca
        print_env
        ;;
    *) die "usage: bin/setup.sh [run|test|start|stop|env]" ;;
    esac
fi
