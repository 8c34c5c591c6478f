#include "CLibwebsockets.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>
#include <time.h>

static X509 *read_certificate(const char *path) {
    BIO *file = BIO_new_file(path, "r");
    if (!file) return NULL;
    X509 *certificate = PEM_read_bio_X509(file, NULL, NULL, NULL);
    BIO_free(file);
    return certificate;
}

static int no_passphrase(char *buffer, int size, int writing, void *user) {
    (void)buffer; (void)size; (void)writing; (void)user;
    return 0; /* never ask on the terminal */
}

static EVP_PKEY *read_key(const char *path) {
    BIO *file = BIO_new_file(path, "r");
    if (!file) return NULL;
    EVP_PKEY *key = PEM_read_bio_PrivateKey(file, NULL, no_passphrase, NULL);
    BIO_free(file);
    return key;
}

hydrogen_certificate_fault hydrogen_certificate_check(
    const char *certificate_path, const char *key_path, int64_t now, int64_t *not_after) {
    hydrogen_certificate_fault fault = hydrogen_certificate_ok;
    *not_after = 0;
    X509 *certificate = read_certificate(certificate_path);
    EVP_PKEY *key = certificate ? read_key(key_path) : NULL;
    if (!certificate) {
        fault = hydrogen_certificate_unreadable;
    } else {
        struct tm end;
        time_t when = (time_t)now;
        if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end)) *not_after = (int64_t)timegm(&end);
        if (!key) fault = hydrogen_certificate_key_unreadable;
        else if (X509_check_private_key(certificate, key) != 1) fault = hydrogen_certificate_mismatch;
        else if (X509_cmp_time(X509_get0_notAfter(certificate), &when) <= 0) fault = hydrogen_certificate_expired;
        else if (X509_cmp_time(X509_get0_notBefore(certificate), &when) > 0) fault = hydrogen_certificate_not_yet_valid;
    }
    EVP_PKEY_free(key);
    X509_free(certificate);
    ERR_clear_error();
    return fault;
}

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
