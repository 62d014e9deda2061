#include "CRabbitMQ.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

static _Thread_local int refused_because = X509_V_OK;
static _Thread_local int has_client_certificate = 0;
static _Thread_local int was_asked_for_one = 0;
static _Thread_local const char *announced_name = 0;

static int remember(int is_good, X509_STORE_CTX *store) {
  if (!is_good) {
    refused_because = X509_STORE_CTX_get_error(store);
  }
  return is_good;
}

/* Called when the peer asks for the client's certificate. */
static int note_the_question(SSL *ssl, void *data) {
  (void)ssl, (void)data;
  was_asked_for_one = 1;
  return 1;
}

/* OpenSSL would ask on the terminal, and wait. */
static int no_passphrase(char *buffer, int size, int is_writing, void *data) {
  (void)buffer, (void)size, (void)is_writing, (void)data;
  return 0;
}

crmq_tls_fault_t crmq_tls_prepare(amqp_socket_t *socket, const char *authorities,
                                  const char *certificate, const char *key) {
  SSL_CTX *context = amqp_ssl_socket_get_context(socket);
  ERR_clear_error();
  refused_because = X509_V_OK;
  has_client_certificate = certificate && key;
  was_asked_for_one = 0;
  amqp_ssl_socket_set_verify_peer(socket, 1);
  amqp_ssl_socket_set_verify_hostname(socket, 0);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, remember);
  SSL_CTX_set_cert_cb(context, note_the_question, 0);
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) {
    return CRMQ_TLS_OTHER;
  }
  int trusted = authorities ? SSL_CTX_load_verify_file(context, authorities)
                            : SSL_CTX_set_default_verify_paths(context);
  if (trusted != 1) {
    return CRMQ_TLS_AUTHORITIES;
  }
  if (!has_client_certificate) {
    return CRMQ_TLS_OK;
  }
  if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1) {
    return CRMQ_TLS_CERTIFICATE;
  }
  return SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 ? CRMQ_TLS_OK
                                                                          : CRMQ_TLS_KEY;
}

/* librabbitmq announces the host it connects to, also where that is an address (RFC 6066 3 forbids
 * it) or only the way to another. The handshake's start is the last moment to say it right. */
static void announce(const SSL *ssl, int event, int value) {
  (void)value;
  if (event & SSL_CB_HANDSHAKE_START) {
    SSL_set_tlsext_host_name((SSL *)ssl, announced_name);
  }
}

int crmq_tls_open(amqp_socket_t *socket, const char *host, int port, const char *name,
                  const struct timeval *timeout) {
  SSL_CTX *context = amqp_ssl_socket_get_context(socket);
  X509_VERIFY_PARAM *expected = SSL_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  int is_address = X509_VERIFY_PARAM_set1_ip_asc(expected, name) == 1;
  if (!is_address && X509_VERIFY_PARAM_set1_host(expected, name, 0) != 1) {
    return AMQP_STATUS_NO_MEMORY;
  }
  announced_name = is_address ? 0 : name;
  SSL_CTX_set_info_callback(context, announce);
  int status = amqp_socket_open_noblock(socket, host, port, timeout);
  SSL_CTX_set_info_callback(context, 0);
  announced_name = 0;
  return status;
}

static crmq_tls_fault_t fault_of_certificate(void) {
  switch (refused_because) {
  case X509_V_ERR_HOSTNAME_MISMATCH:
  case X509_V_ERR_IP_ADDRESS_MISMATCH:
    return CRMQ_TLS_WRONG_HOST;
  case X509_V_ERR_CERT_HAS_EXPIRED:
    return CRMQ_TLS_EXPIRED;
  case X509_V_ERR_CERT_NOT_YET_VALID:
    return CRMQ_TLS_NOT_YET_VALID;
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    return CRMQ_TLS_SELF_SIGNED;
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    return CRMQ_TLS_UNKNOWN_AUTHORITY;
  default:
    return CRMQ_TLS_BAD_CERTIFICATE;
  }
}

/* The alert that tells is lost when the peer resets the connection behind it. */
static crmq_tls_fault_t fault_of_hanging_up(crmq_tls_fault_t otherwise) {
  if (!was_asked_for_one) {
    return otherwise;
  }
  return has_client_certificate ? CRMQ_TLS_CLIENT_CERTIFICATE_REFUSED
                                : CRMQ_TLS_CLIENT_CERTIFICATE_MISSING;
}

crmq_tls_fault_t crmq_tls_fault(void) {
  if (refused_because != X509_V_OK) {
    return fault_of_certificate();
  }
  unsigned long error = ERR_peek_error();
  if (error == 0 || ERR_SYSTEM_ERROR(error)) {
    return fault_of_hanging_up(CRMQ_TLS_ENDED);
  }
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) {
    return CRMQ_TLS_OTHER;
  }
  switch (ERR_GET_REASON(error)) {
  case SSL_R_WRONG_VERSION_NUMBER:
    return CRMQ_TLS_NOT_TLS;
  case SSL_R_UNSUPPORTED_PROTOCOL:
  case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    return CRMQ_TLS_TOO_OLD;
  case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    return CRMQ_TLS_CLIENT_CERTIFICATE_MISSING;
  case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
  case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
  case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
  case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
  case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
  case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    return CRMQ_TLS_CLIENT_CERTIFICATE_REFUSED;
  case SSL_R_UNEXPECTED_EOF_WHILE_READING:
    return fault_of_hanging_up(CRMQ_TLS_ENDED);
  case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    return fault_of_hanging_up(CRMQ_TLS_OTHER);
  default:
    return CRMQ_TLS_OTHER;
  }
}

const char *crmq_tls_reason(void) {
  if (refused_because != X509_V_OK) {
    return X509_verify_cert_error_string(refused_because);
  }
  unsigned long error = ERR_peek_error();
  return ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error)) : ERR_reason_error_string(error);
}
