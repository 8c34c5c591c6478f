#include "certificates.h"

#include <gnutls/abstract.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* What a daemon that speaks TLS shows. libmicrohttpd asks at each handshake, and gives us nothing of ours to go by. */
struct pair {
    const struct MHD_Daemon *daemon;
    gnutls_datum_t certificate;
    gnutls_datum_t key;
    struct pair *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct pair *pairs;

/* The certificate and those of its chain. */
enum { longest_chain = 16 };

static bool copy(gnutls_datum_t *target, const char *text) {
    const size_t count = strlen(text);
    target->data = malloc(count + 1);
    if (!target->data) return false;
    memcpy(target->data, text, count + 1);
    target->size = (unsigned int)count;
    return true;
}

static void release(struct pair *pair) {
    free(pair->certificate.data);
    free(pair->key.data);
    free(pair);
}

static struct pair *make(const struct MHD_Daemon *daemon, const char *certificate, const char *key) {
    struct pair *pair = calloc(1, sizeof *pair);
    if (!pair) return NULL;
    pair->daemon = daemon;
    if (copy(&pair->certificate, certificate) && copy(&pair->key, key)) return pair;
    release(pair);
    return NULL;
}

void hydrogen_certificates_lock(void) { pthread_mutex_lock(&lock); }
void hydrogen_certificates_unlock(void) { pthread_mutex_unlock(&lock); }

static void drop(const struct MHD_Daemon *daemon) {
    for (struct pair **place = &pairs; *place; place = &(*place)->next) {
        if ((*place)->daemon != daemon) continue;
        struct pair *found = *place;
        *place = found->next;
        release(found);
        return;
    }
}

bool hydrogen_certificates_set(const struct MHD_Daemon *daemon, const char *certificate, const char *key) {
    struct pair *pair = make(daemon, certificate, key);
    if (!pair) return false;
    drop(daemon);
    pair->next = pairs;
    pairs = pair;
    return true;
}

bool hydrogen_http_replace_certificate(struct MHD_Daemon *daemon, const char *certificate, const char *key) {
    hydrogen_certificates_lock();
    const bool is_set = hydrogen_certificates_set(daemon, certificate, key);
    hydrogen_certificates_unlock();
    return is_set;
}

void hydrogen_http_forget_certificate(struct MHD_Daemon *daemon) {
    hydrogen_certificates_lock();
    drop(daemon);
    hydrogen_certificates_unlock();
}

static int read_pair(
    const struct pair *pair, gnutls_pcert_st **certificates, unsigned int *count, gnutls_privkey_t *key) {
    gnutls_pcert_st *list = gnutls_calloc(longest_chain, sizeof *list);
    unsigned int listed = longest_chain;
    if (!list) return -1;
    if (gnutls_pcert_list_import_x509_raw(list, &listed, &pair->certificate, GNUTLS_X509_FMT_PEM, 0) < 0) {
        gnutls_free(list);
        return -1;
    }
    if (gnutls_privkey_init(key) == 0) {
        if (gnutls_privkey_import_x509_raw(*key, &pair->key, GNUTLS_X509_FMT_PEM, NULL, 0) == 0) {
            *certificates = list;
            *count = listed;
            return 0;
        }
        gnutls_privkey_deinit(*key);
    }
    for (unsigned int index = 0; index < listed; index++) gnutls_pcert_deinit(&list[index]);
    gnutls_free(list);
    return -1;
}

int hydrogen_certificates_retrieve(
    gnutls_session_t session, const struct gnutls_cert_retr_st *info, gnutls_pcert_st **certificates,
    unsigned int *count, gnutls_ocsp_data_st **ocsp, unsigned int *ocsp_count, gnutls_privkey_t *key,
    unsigned int *flags) {
    (void)info;
    struct MHD_Connection *connection = gnutls_session_get_ptr(session);
    const union MHD_ConnectionInfo *found =
        connection ? MHD_get_connection_info(connection, MHD_CONNECTION_INFO_DAEMON) : NULL;
    if (!found) return -1;
    *ocsp = NULL;
    *ocsp_count = 0;
    /* What is made here is gnutls's to free. */
    *flags = GNUTLS_CERT_RETR_DEINIT_ALL;
    int result = -1;
    hydrogen_certificates_lock();
    for (const struct pair *pair = pairs; pair; pair = pair->next) {
        if (pair->daemon == found->daemon) result = read_pair(pair, certificates, count, key);
    }
    hydrogen_certificates_unlock();
    return result;
}
