# shellcheck shell=bash
# Debian packages, checked one by one for the thing that is needed, and installed together when something is missing.

missing_packages=()

# Whether a C header is where the compiler finds it.
has_header() {
    local folder
    for folder in /usr/include /usr/local/include "/usr/include/$(uname -m)-linux-gnu"; do
        [[ -e "$folder/$1" ]] && return 0
    done
    return 1
}

has_command() { command -v "$1" >/dev/null 2>&1; }

# Whether the linker of running programs knows a shared library.
has_library() { /sbin/ldconfig -p | grep -q "^[[:space:]]*$1 "; }

has_cxx_headers() { compgen -G "/usr/include/c++/*/vector" >/dev/null; }

# need PACKAGE CHECK…: notes the Debian package as missing when the check fails.
need() {
    local package="$1"
    shift
    "$@" || missing_packages+=("$package")
}

# Runs a command as root: directly, or through sudo.
as_root() {
    if [[ "$(id -u)" == 0 ]]; then
        "$@"
    else
        has_command sudo || fail "these packages are missing, and there is no sudo to install them: ${missing_packages[*]}"
        sudo "$@"
    fi
}

# Installs what `need` found missing; does nothing, at once, when nothing is.
install_missing() {
    [[ ${#missing_packages[@]} == 0 ]] && return 0
    has_command apt-get || fail "please install the equivalents of these Debian packages: ${missing_packages[*]}"
    say "Installing Debian packages: ${missing_packages[*]}"
    as_root apt-get update -q
    # Debian starts the services of what it installs (prometheus here, of which only promtool is wanted) unless this
    # file says no. One that exists already is somebody's decision and stays.
    local policy=/usr/sbin/policy-rc.d
    if [[ -e "$policy" ]]; then
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing_packages[@]}"
    else
        # shellcheck disable=SC2016 # The inner shell expands these.
        as_root env DEBIAN_FRONTEND=noninteractive sh -c '
            policy="$1"; shift
            trap '\''rm -f "$policy"'\'' EXIT INT TERM
            printf "#!/bin/sh\nexit 101\n" >"$policy" && chmod 755 "$policy"
            apt-get install -q -y --no-install-recommends "$@"' sh "$policy" "${missing_packages[@]}"
    fi
    missing_packages=()
}

# What a Swift toolchain that was only unpacked needs of Debian to run, compile and link, and its package manager to
# fetch packages.
need_toolchain_packages() {
    need binutils has_command ld
    need g++ has_cxx_headers
    need libc6-dev has_header stdio.h
    need libcurl4 has_library libcurl.so.4
    need libedit2 has_library libedit.so.2
    need libncurses6 has_library libncurses.so.6
    need libsqlite3-0 has_library libsqlite3.so.0
    need libxml2 has_library libxml2.so.2
    need tzdata test -d /usr/share/zoneinfo
    need git has_command git
    need ca-certificates test -e /etc/ssl/certs/ca-certificates.crt
}

# What the server is built from, and with.
need_server_packages() {
    need_toolchain_packages
    need libwebsockets-dev has_header libwebsockets.h
    need libev-dev has_header ev.h
    need libssl-dev has_header openssl/evp.h
    need libmicrohttpd-dev has_header microhttpd.h
    need libgnutls28-dev has_header gnutls/gnutls.h
    need libcap-dev has_header sys/capability.h
    need zlib1g-dev has_header zlib.h
    need libsqlite3-dev has_header sqlite3.h
}

# What the tests use beside it.
need_test_packages() {
    need prometheus has_command prometheus
    need systemd has_command systemd-analyze
    need debootstrap has_command debootstrap
    need dpkg-dev has_command dpkg-shlibdeps
    need python3 has_command python3
    need python3-venv python3_has_venv
    need valgrind has_command valgrind
    need binutils has_command strip
    need chromium has_command chromium
    need curl has_command curl
    need nodejs has_command node
    need node-typescript has_command tsc
    need openssl has_command openssl
    need testssl.sh has_command testssl
    need sslscan has_command sslscan
    need libsimdjson-dev has_header simdjson.h
}

python3_has_venv() { python3 -c 'import venv, ensurepip' >/dev/null 2>&1; }
