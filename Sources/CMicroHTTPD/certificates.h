#pragma once
#include "CMicroHTTPD.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

/* Held while a daemon starts: a handshake that comes at once finds its certificate. */
void hydrogen_certificates_lock(void);
void hydrogen_certificates_unlock(void);
/* Under the lock: what a daemon shows from now on. */
bool hydrogen_certificates_set(const struct MHD_Daemon *daemon, const char *certificate, const char *key);

/* `gnutls_certificate_retrieve_function3` */
int hydrogen_certificates_retrieve(
    gnutls_session_t session, const struct gnutls_cert_retr_st *info, gnutls_pcert_st **certificates,
    unsigned int *count, gnutls_ocsp_data_st **ocsp, unsigned int *ocsp_count, gnutls_privkey_t *key,
    unsigned int *flags);
