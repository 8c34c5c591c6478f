#include "library.h"

#include <libwebsockets.h>
#include <pthread.h>
#include <stdbool.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool is_tls_ready;

static void no_message(int level, const char *line) { (void)level; (void)line; }

void hydrogen_library_lock(void) {
    pthread_mutex_lock(&lock);
    lws_set_log_level(0, no_message);
}

void hydrogen_library_unlock(void) {
    lws_set_log_level(0, no_message);
    pthread_mutex_unlock(&lock);
}

uint64_t hydrogen_first_tls_option(void) {
    const bool is_first = !is_tls_ready;
    is_tls_ready = true;
    return is_first ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0;
}
