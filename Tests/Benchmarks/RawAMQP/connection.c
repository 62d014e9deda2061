#include "raw.h"

#include <amqp_tcp_socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

static const int frame_bytes = 131072;
static const int heartbeat_seconds = 10;

void raw_fail(const char *what, const char *why) {
  fprintf(stderr, "raw-amqp: %s: %s\n", what, why);
  exit(1);
}

void raw_check(amqp_rpc_reply_t reply, const char *what) {
  switch (reply.reply_type) {
    case AMQP_RESPONSE_NORMAL:
      return;
    case AMQP_RESPONSE_LIBRARY_EXCEPTION:
      raw_fail(what, amqp_error_string2(reply.library_error));
    default:
      raw_fail(what, "the broker refused it");
  }
}

raw_link raw_connect(const char *url) {
  char *text = strdup(url);
  struct amqp_connection_info info;
  if (!text || amqp_parse_url(text, &info) != AMQP_STATUS_OK) raw_fail(url, "no AMQP URL");
  raw_link link = {.state = amqp_new_connection()};
  amqp_socket_t *socket = amqp_tcp_socket_new(link.state);
  if (!socket || amqp_socket_open(socket, info.host, info.port) != AMQP_STATUS_OK)
    raw_fail(url, "nobody listens there");
  raw_check(amqp_login(link.state, *info.vhost ? info.vhost : "/", 0, frame_bytes, heartbeat_seconds,
                       AMQP_SASL_METHOD_PLAIN, info.user, info.password),
            "logging in");
  amqp_channel_open(link.state, 1);
  raw_check(amqp_get_rpc_reply(link.state), "opening a channel");
  link.descriptor = amqp_get_sockfd(link.state);
  free(text);
  return link;
}

void raw_disconnect(raw_link *link) {
  amqp_connection_close(link->state, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(link->state);
}

void raw_cork(raw_link *link, bool on) {
  int value = on;
  setsockopt(link->descriptor, IPPROTO_TCP, TCP_CORK, &value, sizeof value);
}

bool raw_read(raw_link *link, amqp_frame_t *frame, int milliseconds) {
  struct timeval limit = {milliseconds / 1000, milliseconds % 1000 * 1000};
  int status = amqp_simple_wait_frame_noblock(link->state, frame, &limit);
  if (status == AMQP_STATUS_TIMEOUT) return false;
  if (status != AMQP_STATUS_OK) raw_fail("reading", amqp_error_string2(status));
  if (frame->frame_type == AMQP_FRAME_METHOD) {
    switch (frame->payload.method.id) {
      case AMQP_BASIC_RETURN_METHOD:
        raw_fail("publishing", "a message was returned");
      case AMQP_BASIC_NACK_METHOD:
        raw_fail("publishing", "a message was refused");
      case AMQP_CHANNEL_CLOSE_METHOD:
      case AMQP_CONNECTION_CLOSE_METHOD:
        raw_fail("reading", "the broker closed the channel or connection");
    }
  }
  return true;
}

void raw_release(raw_link *link) { amqp_maybe_release_buffers(link->state); }
