# shellcheck shell=bash
# The end-to-end suite against a built server (`HYDROGEN_BINARY`).

# Tests that wait share the machine; those that measure (marked `alone`) run after them, one at a time.
# Arguments go to pytest; with any, everything runs in one go, one test after the other.
run_end_to_end() {
    local pytest=("$python_environment/bin/python" -m pytest --rootdir "$repository/Tests/EndToEnd" -c "$repository/Tests/EndToEnd/pytest.ini")
    if (($#)); then
        (cd "$repository/Tests/EndToEnd" && "${pytest[@]}" "$@")
    else
        (cd "$repository/Tests/EndToEnd" && "${pytest[@]}" -m "not alone" --numprocesses "${END_TO_END_PROCESSES:-4}" --dist loadscope --require-coverage) &&
            (cd "$repository/Tests/EndToEnd" && "${pytest[@]}" -m alone)
    fi
}
