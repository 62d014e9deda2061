#include "raw.h"

#include <stdlib.h>
#include <string.h>

// Longer than any broker that works needs for a delivery.
static const int patience_milliseconds = 30000;
static const uint32_t deliveries_per_release = 64;

raw_consumer raw_consume_start(raw_link *link, const char *queue, uint16_t prefetch,
                               uint32_t per_ack) {
  amqp_basic_qos(link->state, 1, 0, prefetch, 0);
  raw_check(amqp_get_rpc_reply(link->state), "limiting the prefetch");
  amqp_basic_consume(link->state, 1, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, 0, 0,
                     amqp_empty_table);
  raw_check(amqp_get_rpc_reply(link->state), "consuming");
  return (raw_consumer){.link = link, .per_ack = per_ack};
}

static void read_frame(raw_consumer *it, amqp_frame_t *frame, uint8_t type) {
  if (!raw_read(it->link, frame, patience_milliseconds))
    raw_fail("consuming", "no delivery in time");
  if (frame->frame_type != type) raw_fail("consuming", "a frame out of order");
}

static void make_room(raw_consumer *it, size_t bytes) {
  if (bytes <= it->capacity) return;
  free(it->body);
  it->body = malloc(bytes);
  it->capacity = bytes;
  if (!it->body) raw_fail("consuming", "no memory");
}

void raw_consume_next(raw_consumer *it) {
  amqp_frame_t frame;
  read_frame(it, &frame, AMQP_FRAME_METHOD);
  if (frame.payload.method.id != AMQP_BASIC_DELIVER_METHOD)
    raw_fail("consuming", "a method that is no delivery");
  it->tag = ((amqp_basic_deliver_t *)frame.payload.method.decoded)->delivery_tag;
  read_frame(it, &frame, AMQP_FRAME_HEADER);
  size_t size = frame.payload.properties.body_size;
  make_room(it, size);
  it->length = 0;
  while (it->length < size) {
    read_frame(it, &frame, AMQP_FRAME_BODY);
    amqp_bytes_t part = frame.payload.body_fragment;
    if (part.len > size - it->length) raw_fail("consuming", "more body than announced");
    memcpy(it->body + it->length, part.bytes, part.len);
    it->length += part.len;
  }
  it->unacked++;
  if (it->tag % deliveries_per_release == 0) raw_release(it->link);
}

static void ack(raw_consumer *it) {
  if (it->unacked == 0) return;
  int status = amqp_basic_ack(it->link->state, 1, it->tag, 1);
  if (status != AMQP_STATUS_OK) raw_fail("acking", amqp_error_string2(status));
  it->unacked = 0;
}

void raw_consume_done(raw_consumer *it) {
  if (it->unacked >= it->per_ack) ack(it);
}

void raw_consume_end(raw_consumer *it) {
  ack(it);
  raw_check(amqp_channel_close(it->link->state, 1, AMQP_REPLY_SUCCESS), "closing the channel");
  free(it->body);
  it->body = NULL;
}
