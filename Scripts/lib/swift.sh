# shellcheck shell=bash
# The Swift toolchain: 6.2 or later.

require_swift() {
    has_command swift || fail "Swift 6.2 or later is needed: https://www.swift.org/install/linux (swiftly installs it)."
    local version
    version="$(swift --version 2>&1 | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)"
    local major="${version%%.*}" minor="${version#*.}"
    if [[ -z "$version" ]] || ((major < 6 || (major == 6 && minor < 2))); then
        fail "Swift 6.2 or later is needed, this is '${version:-unknown}': https://www.swift.org/install/linux (swiftly installs it)."
    fi
}
