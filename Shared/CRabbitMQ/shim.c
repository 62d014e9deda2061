#define _GNU_SOURCE
#include "CRabbitMQ.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

amqp_rpc_reply_t crmq_login_plain(amqp_connection_state_t state, const char *vhost, int channel_max,
                                  int frame_max, int heartbeat, const amqp_table_t *properties,
                                  const char *user, const char *password) {
  return amqp_login_with_properties(state, vhost, channel_max, frame_max, heartbeat, properties,
                                    AMQP_SASL_METHOD_PLAIN, user, password);
}

amqp_rpc_reply_t crmq_login_external(amqp_connection_state_t state, const char *vhost,
                                     int channel_max, int frame_max, int heartbeat,
                                     const amqp_table_t *properties, const char *identity) {
  return amqp_login_with_properties(state, vhost, channel_max, frame_max, heartbeat, properties,
                                    AMQP_SASL_METHOD_EXTERNAL, identity);
}

int crmq_guard_socket(int fd, int dead_after_milliseconds) {
  int on = 1;
  int seconds = dead_after_milliseconds / 1000;
  int idle = seconds > 3 ? seconds / 3 : 1;
  int probes = 3;
  unsigned int timeout = (unsigned int)dead_after_milliseconds;
  if (setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) != 0 ||
      setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle) != 0 ||
      setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &idle, sizeof idle) != 0 ||
      setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes) != 0 ||
      setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout) != 0) {
    return -1;
  }
  return 0;
}

void crmq_cork(int fd, int on) {
  setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
}

int crmq_poll(struct pollfd *items, nfds_t count, int64_t nanoseconds) {
  const int64_t second = 1000000000;
  struct timespec limit = {.tv_sec = nanoseconds / second, .tv_nsec = nanoseconds % second};
  return ppoll(items, count, nanoseconds < 0 ? 0 : &limit, 0);
}

void crmq_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int crmq_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
