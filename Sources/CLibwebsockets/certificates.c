#include "CLibwebsockets.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>

size_t hydrogen_peer_subject(struct lws *wsi, char *buffer, size_t size) {
    SSL *tls = lws_get_ssl(wsi);
    X509 *certificate = tls && SSL_get_verify_result(tls) == X509_V_OK ? SSL_get1_peer_certificate(tls) : NULL;
    if (!certificate) return 0;
    size_t count = 0;
    BIO *text = BIO_new(BIO_s_mem());
    /* UTF-8 as it is; what RFC 4514 escapes is escaped. */
    const unsigned long form = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
    if (text && X509_NAME_print_ex(text, X509_get_subject_name(certificate), 0, form) > 0) {
        char *bytes = NULL;
        const long available = BIO_get_mem_data(text, &bytes);
        if (available > 0 && (size_t)available <= size) {
            memcpy(buffer, bytes, (size_t)available);
            count = (size_t)available;
        }
    }
    BIO_free(text);
    X509_free(certificate);
    ERR_clear_error();
    return count;
}

static bool use(SSL_CTX *context, const char *certificate_path, const char *key_path) {
    return SSL_CTX_use_certificate_chain_file(context, certificate_path) == 1
        && SSL_CTX_use_PrivateKey_file(context, key_path, SSL_FILETYPE_PEM) == 1
        && SSL_CTX_check_private_key(context) == 1;
}

bool hydrogen_certificates_replace(void *tls_context, const char *certificate_path, const char *key_path) {
    /* Tried on another first, so that a bad pair leaves the good one in place. */
    SSL_CTX *trial = SSL_CTX_new(TLS_server_method());
    const bool is_good = trial && use(trial, certificate_path, key_path)
        && use(tls_context, certificate_path, key_path);
    SSL_CTX_free(trial);
    ERR_clear_error();
    return is_good;
}
