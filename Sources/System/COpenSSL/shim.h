#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// Macros and function-like casts that Swift cannot call.

static inline int kube_mind_set_min_tls12(SSL_CTX *context) {
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}

static inline void kube_mind_set_modes(SSL_CTX *context) {
  // Buffers of an idle connection are freed; a write may be retried from another address.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

static inline long kube_mind_set_server_name(SSL *tls, const char *name) {
  return SSL_set_tlsext_host_name(tls, name);
}

static inline long kube_mind_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
  return SSL_CTX_add1_chain_cert(context, certificate);
}

static inline void kube_mind_disable_sessions(SSL_CTX *context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
}

static inline long kube_mind_bio_pending(BIO *bio) {
  return BIO_pending(bio);
}

static inline const OPENSSL_STACK *kube_mind_chain(SSL_CTX *context) {
  STACK_OF(X509) *chain = NULL;
  SSL_CTX_get0_chain_certs(context, &chain);
  return (const OPENSSL_STACK *)chain;
}
