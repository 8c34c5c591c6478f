#pragma once
#include <stdint.h>

/* libwebsockets keeps variables for the whole process; contexts of clients are made while others run. */
void hydrogen_library_lock(void);
void hydrogen_library_unlock(void);
/*
 * The option that makes lws set up OpenSSL, for the first context of the process that needs it, and 0 for all others:
 * with each such context lws takes another place to keep its connections at, and handshakes under way would not find
 * theirs. Under the lock.
 */
uint64_t hydrogen_first_tls_option(void);
