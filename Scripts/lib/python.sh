# shellcheck shell=bash
# The Python environment of the end-to-end tests: made once, made anew when its list of packages changes.

python_environment="$repository/.build/venv"

prepare_python() {
    local requirements="$repository/Tests/EndToEnd/requirements.txt"
    local stamp="$python_environment/requirements.sha256"
    local wanted
    wanted="$(sha256sum <"$requirements")"
    [[ -x "$python_environment/bin/pytest" && -f "$stamp" && "$(cat "$stamp")" == "$wanted" ]] && return 0
    say "Making the Python environment of the end-to-end tests"
    mkdir -p "$repository/.build"
    python3 -m venv --clear "$python_environment"
    "$python_environment/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements"
    printf '%s\n' "$wanted" >"$stamp"
}
