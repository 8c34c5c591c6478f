# shellcheck shell=bash
# The Swift toolchain: 6.2 or later. Asked for after `install_missing`, since it does not run without its libraries.

require_swift() {
    has_command swift || fail "Swift 6.2 or later is needed: https://www.swift.org/install/linux (swiftly installs it)."
    local version
    version="$({ swift --version 2>&1 || true; } | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)"
    local major="${version%%.*}" minor="${version#*.}"
    if [[ -z "$version" ]] || ((major < 6 || (major == 6 && minor < 2))); then
        fail "Swift 6.2 or later is needed, this is '${version:-unknown}': https://www.swift.org/install/linux (swiftly installs it)."
    fi
}

# The release build of the server: everybody builds it with the same options, so that nothing is built twice. The Swift
# runtime is linked in: the binary runs where no Swift toolchain is.
release_options=(-c release --static-swift-stdlib)

build_release() { swift build "${release_options[@]}" --product hydrogen; }

release_binary() { printf '%s/hydrogen\n' "$(swift build "${release_options[@]}" --show-bin-path)"; }
