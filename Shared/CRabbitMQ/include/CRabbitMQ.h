/// What Swift needs of librabbitmq 0.11, and the few calls it cannot make by itself:
/// variadic functions, and the Linux calls around the owner thread.
#ifndef CRABBITMQ_H
#define CRABBITMQ_H

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
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

/// The calling thread's name as debuggers show it: at most 15 bytes.
void crmq_name_thread(const char *name);

/// Makes the verification of the peer keep its reason, see crmq_tls_failure.
void crmq_tls_remember_failure(amqp_socket_t *socket);

/// Trusts the authorities of the system. Returns 0, or -1 where they cannot be read.
int crmq_tls_use_system_authorities(amqp_socket_t *socket);

/// Why the last certificate of this thread was refused ("certificate has expired"), or NULL.
const char *crmq_tls_failure(void);

#endif
