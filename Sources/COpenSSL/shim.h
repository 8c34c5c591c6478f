// SHA256_Init and its siblings are marked as deprecated since OpenSSL 3.0, but only they work on a plain structure:
// no allocation, no provider look-up under a lock, no failure.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <openssl/x509.h>
