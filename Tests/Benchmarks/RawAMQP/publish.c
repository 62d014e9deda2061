#include "raw.h"

#include <stdio.h>
#include <stdlib.h>

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
  int status = amqp_basic_publish(it->link->state, 1, amqp_cstring_bytes(exchange),
                                  amqp_cstring_bytes(key), 1, 0, &properties, body);
  if (status != AMQP_STATUS_OK) raw_fail("publishing", amqp_error_string2(status));
  it->confirmed[it->next % it->window] = false;
  it->next++;
}

static void confirm(raw_publisher *it, const amqp_basic_ack_t *ack) {
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
        confirm(it, frame.payload.method.decoded);
    }
  }
  while (raw_read(it->link, &frame, 0)) {
    if (frame.frame_type == AMQP_FRAME_METHOD && frame.payload.method.id == AMQP_BASIC_ACK_METHOD)
      confirm(it, frame.payload.method.decoded);
  }
  raw_release(it->link);
}

void raw_publish_end(raw_publisher *it) {
  while (it->first < it->next) raw_publish_confirms(it, true);
  free(it->confirmed);
  it->confirmed = NULL;
}
