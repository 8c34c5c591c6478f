#pragma once

#include <stddef.h>
#include <stdint.h>

/// libFuzzer's own main loop, from the toolchain's `libclang_rt.fuzzer_no_main`: it calls `test` with one input after
/// the other, and does not come back before it is done.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test)(const uint8_t *data, size_t size));
