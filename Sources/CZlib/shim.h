#pragma once
#include <zlib.h>

/// How much room `hydrogen_gzip` needs at most for `length` bytes.
static inline size_t hydrogen_gzip_bound(size_t length) {
    return compressBound(length) + 64;
}

/// Compresses a whole buffer into the gzip format (RFC 1952). Returns the number of bytes written, 0 if it fails.
/// (zlib's own entry point is a macro, which Swift does not see.)
static inline size_t hydrogen_gzip(const void *input, size_t length, void *output, size_t room) {
    z_stream stream = {0};
    if (deflateInit2(&stream, 5, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
    stream.next_in = (Bytef *)input;
    stream.avail_in = (uInt)length;
    stream.next_out = (Bytef *)output;
    stream.avail_out = (uInt)room;
    size_t written = deflate(&stream, Z_FINISH) == Z_STREAM_END ? (size_t)stream.total_out : 0;
    deflateEnd(&stream);
    return written;
}
