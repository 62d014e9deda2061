/// What Swift needs of librabbitmq 0.11, and the few calls it cannot make by itself:
/// variadic functions, and the Linux calls around the owner thread.
#ifndef CRABBITMQ_H
#define CRABBITMQ_H

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <poll.h>
#include <sys/time.h>

/// amqp_login_with_properties with SASL PLAIN: that function is variadic.
amqp_rpc_reply_t crmq_login_plain(amqp_connection_state_t state, const char *vhost, int channel_max,
                                  int frame_max, int heartbeat, const amqp_table_t *properties,
                                  const char *user, const char *password);

/// The same with SASL EXTERNAL: the identity is the client certificate's.
amqp_rpc_reply_t crmq_login_external(amqp_connection_state_t state, const char *vhost,
                                     int channel_max, int frame_max, int heartbeat,
                                     const amqp_table_t *properties, const char *identity);

/// Keepalive and TCP_USER_TIMEOUT, so that a peer that vanished is noticed by the kernel.
/// Returns 0, or -1 with errno.
int crmq_guard_socket(int fd, int dead_after_milliseconds);

/// TCP_CORK: frames written between on and off leave in full segments.
void crmq_cork(int fd, int on);

/// A non-blocking, close-on-exec eventfd, or -1 with errno.
int crmq_eventfd(void);

/// poll(2) that takes nanoseconds; negative: no limit.
int crmq_poll(struct pollfd *items, nfds_t count, int64_t nanoseconds);

/// The calling thread's name as debuggers show it: at most 15 bytes.
void crmq_name_thread(const char *name);

/// Why a TLS connection could not be prepared, made or used.
typedef enum {
  CRMQ_TLS_OK,
  /// A file could not be used: the authorities, the client's certificate, its key.
  CRMQ_TLS_AUTHORITIES,
  CRMQ_TLS_CERTIFICATE,
  CRMQ_TLS_KEY,
  /// The peer's certificate: for another host, outside its time, signed by itself or by nobody known.
  CRMQ_TLS_WRONG_HOST,
  CRMQ_TLS_EXPIRED,
  CRMQ_TLS_NOT_YET_VALID,
  CRMQ_TLS_SELF_SIGNED,
  CRMQ_TLS_UNKNOWN_AUTHORITY,
  CRMQ_TLS_BAD_CERTIFICATE,
  /// The peer answered something else than TLS, or offers only TLS 1.1 or older.
  CRMQ_TLS_NOT_TLS,
  CRMQ_TLS_TOO_OLD,
  /// The peer wants a certificate of ours, or refused it.
  CRMQ_TLS_CLIENT_CERTIFICATE_MISSING,
  CRMQ_TLS_CLIENT_CERTIFICATE_REFUSED,
  /// The peer hung up.
  CRMQ_TLS_ENDED,
  CRMQ_TLS_OTHER
} crmq_tls_fault_t;

/// TLS 1.2 or newer, the peer's chain verified against `authorities` (a PEM file; NULL: the
/// system's), with a client certificate where both its files are given. Reads the files; no passphrase
/// is ever asked for.
crmq_tls_fault_t crmq_tls_prepare(amqp_socket_t *socket, const char *authorities,
                                  const char *certificate, const char *key);

/// amqp_socket_open_noblock for a peer whose certificate must be for `name`, a DNS name or an
/// address; a DNS name is announced too (SNI). librabbitmq's own check knows no addresses.
int crmq_tls_open(amqp_socket_t *socket, const char *host, int port, const char *name,
                  const struct timeval *timeout);

/// Why TLS failed on this thread since crmq_tls_prepare.
crmq_tls_fault_t crmq_tls_fault(void);

/// The same in OpenSSL's words, or NULL. Valid until the next call into OpenSSL on this thread.
const char *crmq_tls_reason(void);

#endif
