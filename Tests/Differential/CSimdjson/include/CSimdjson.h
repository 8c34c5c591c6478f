#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A parser of simdjson that is used again and again.
typedef struct csimdjson_parser csimdjson_parser;

csimdjson_parser *csimdjson_make(void);

/// Parses a text and keeps a description of its tree.
/// Returns 0, or the number of simdjson's error.
int csimdjson_parse(csimdjson_parser *parser, const uint8_t *bytes, size_t count);

/// The description of the last text that was parsed without an error, valid until the next one:
/// `{` name value … `}`, `[` value … `]`, `s` length `:` bytes, `i` integer `;` (of 64 bits), `d` (any other number),
/// `t`, `f`, `n`.
const uint8_t *csimdjson_description(const csimdjson_parser *parser, size_t *count);

const char *csimdjson_error_text(int error);

/// The number of simdjson's error for a number that it cannot hold.
int csimdjson_number_error(void);

#ifdef __cplusplus
}
#endif
