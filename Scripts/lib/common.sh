# shellcheck shell=bash
# What every script needs: the repository's root, and one way of saying what is being done.

repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"

say() { printf '==> %s\n' "$*"; }

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
