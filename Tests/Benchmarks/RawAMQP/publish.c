#include "raw.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

// Longer than any broker that works needs for a confirm.
static const int patience_milliseconds = 30000;

raw_publisher raw_publish_start(raw_link *link, uint32_t window) {
  amqp_confirm_select(link->state, 1);
  raw_check(amqp_get_rpc_reply(link->state), "selecting confirms");
  raw_publisher it = {.link = link, .window = window, .next = 1, .first = 1};
  it.confirmed = calloc(window, sizeof *it.confirmed);
  if (!it.confirmed) raw_fail("publishing", "no memory");
  return it;
}

uint32_t raw_publish_room(const raw_publisher *it) {
  return it->window - (uint32_t)(it->next - it->first);
}

static void send(raw_publisher *it, const char *exchange, const char *key, bool mandatory,
                 const amqp_basic_properties_t *properties, amqp_bytes_t body) {
  int status = amqp_basic_publish(it->link->state, 1, amqp_cstring_bytes(exchange),
                                  amqp_cstring_bytes(key), mandatory, 0, properties, body);
  if (status != AMQP_STATUS_OK) raw_fail("publishing", amqp_error_string2(status));
  it->confirmed[it->next % it->window] = false;
  it->next++;
}

void raw_publish(raw_publisher *it, const char *exchange, const char *key, amqp_bytes_t body) {
  char id[24];
  int length = snprintf(id, sizeof id, "m-%llu", (unsigned long long)it->next);
  amqp_basic_properties_t properties = {
      ._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG |
                AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TYPE_FLAG,
      .delivery_mode = AMQP_DELIVERY_PERSISTENT,
      .content_type = amqp_cstring_bytes("application/json"),
      .message_id = {.len = (size_t)length, .bytes = id},
      .type = amqp_cstring_bytes("bench.message.v1"),
  };
  send(it, exchange, key, true, &properties, body);
}

void raw_publish_enveloped(raw_publisher *it, const raw_envelope *envelope, amqp_bytes_t body) {
  static const char trace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  amqp_table_entry_t header = {
      .key = amqp_cstring_bytes("traceparent"),
      .value = {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = amqp_cstring_bytes(trace)},
  };
  amqp_basic_properties_t properties = {
      ._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG |
                AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG |
                AMQP_BASIC_TYPE_FLAG | AMQP_BASIC_APP_ID_FLAG | AMQP_BASIC_TIMESTAMP_FLAG |
                AMQP_BASIC_HEADERS_FLAG,
      .delivery_mode = AMQP_DELIVERY_PERSISTENT,
      .content_type = amqp_cstring_bytes("application/json"),
      .message_id = envelope->correlation,
      .correlation_id = envelope->correlation,
      .type = amqp_cstring_bytes(envelope->type),
      .app_id = amqp_cstring_bytes("raw-amqp"),
      .timestamp = (uint64_t)time(NULL),
      .headers = {.num_entries = 1, .entries = &header},
  };
  send(it, envelope->exchange, envelope->key, envelope->mandatory, &properties, body);
}

void raw_publish_confirmed(raw_publisher *it, const amqp_basic_ack_t *ack) {
  if (ack->multiple)
    it->first = ack->delivery_tag + 1;
  else
    it->confirmed[ack->delivery_tag % it->window] = true;
  while (it->first < it->next && it->confirmed[it->first % it->window]) it->first++;
}

void raw_publish_confirms(raw_publisher *it, bool wait) {
  amqp_frame_t frame;
  if (wait && it->first < it->next) {
    uint64_t first = it->first;
    while (it->first == first) {
      if (!raw_read(it->link, &frame, patience_milliseconds))
        raw_fail("publishing", "no confirm in time");
      if (frame.frame_type == AMQP_FRAME_METHOD &&
          frame.payload.method.id == AMQP_BASIC_ACK_METHOD)
        raw_publish_confirmed(it, frame.payload.method.decoded);
    }
  }
  while (raw_read(it->link, &frame, 0)) {
    if (frame.frame_type == AMQP_FRAME_METHOD && frame.payload.method.id == AMQP_BASIC_ACK_METHOD)
      raw_publish_confirmed(it, frame.payload.method.decoded);
  }
  raw_release(it->link);
}

void raw_publish_end(raw_publisher *it) {
  while (it->first < it->next) raw_publish_confirms(it, true);
  free(it->confirmed);
  it->confirmed = NULL;
}
