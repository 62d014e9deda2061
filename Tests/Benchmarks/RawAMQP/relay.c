// The raw pump's two services: what the orchestrator and the product workers send for each message,
// and nothing else. Acked is what the broker confirmed, many at once, as in the system.
#include "raw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// As that of the system's consumers.
static const uint16_t prefetch = 512;
static const uint32_t window = 16384;
// Frames taken before what follows from them leaves.
static const int frames_per_turn = 1024;
static const int longest_wait_milliseconds = 1000;
enum { publishing = 1, forwarding = 2, ending = 3 };

static const char *products[] = {"certificates", "pca",        "gateway",   "notifications",
                                 "monitoring",   "repository", "deployment"};
enum { product_count = 7 };

// What a delivery of a queue is answered with. Null: nothing.
typedef struct {
  const char *exchange, *type;
  // Of the key: all of it, or what stands before the product.
  const char *key;
  bool names_product, mandatory;
  size_t size;
} answer;

typedef struct {
  raw_link link;
  raw_publisher publisher;
  // By the letter that the consumer's tag begins with.
  answer answers[3];
  // Of each consuming channel: the last delivery, and the last acked.
  uint64_t delivered[4], acked[4];
  const answer *pending;
  char *body;
} relay;

static void subscribe(relay *it, int channel, const char *queue, char letter) {
  char tag[64];
  snprintf(tag, sizeof tag, "%c %s", letter, queue);
  amqp_basic_consume(it->link.state, channel, amqp_cstring_bytes(queue), amqp_cstring_bytes(tag),
                     0, 0, 0, amqp_empty_table);
  raw_check(amqp_get_rpc_reply(it->link.state), queue);
}

static void subscribe_products(relay *it, int channel, const char *exchange, char letter) {
  for (int i = 0; i < product_count; i++) {
    char queue[64];
    snprintf(queue, sizeof queue, "%s.%s", exchange, products[i]);
    subscribe(it, channel, queue, letter);
  }
}

static void open_consuming(relay *it, int channel) {
  amqp_channel_open(it->link.state, channel);
  raw_check(amqp_get_rpc_reply(it->link.state), "opening a channel");
  amqp_basic_qos(it->link.state, channel, 0, prefetch, 0);
  raw_check(amqp_get_rpc_reply(it->link.state), "limiting the prefetch");
}

static void start_orchestrator(relay *it, const size_t sizes[4]) {
  it->answers[0] = (answer){"refund.checks", "refund.check.v1", "", true, true, sizes[0]};
  it->answers[1] = (answer){"refund.settlements", "refund.settle.v1", "leg", false, true, sizes[2]};
  it->answers[2] =
      (answer){"refund.outcomes", "refund.outcome.v1", "refunded.", true, false, sizes[3]};
  open_consuming(it, forwarding);
  subscribe(it, forwarding, "refund.requests", 'a');
  subscribe(it, forwarding, "refund.results", 'b');
  subscribe(it, forwarding, "refund.settlements", 'c');
}

static void start_worker(relay *it, const size_t sizes[4]) {
  it->answers[0] = (answer){"refund.results", "refund.result.v1", "", true, true, sizes[1]};
  open_consuming(it, forwarding);
  subscribe_products(it, forwarding, "refund.checks", 'a');
  open_consuming(it, ending);
  subscribe_products(it, ending, "refund.outcomes", 'b');
}

// Every request has its product, told by the number at the end of its id.
static const char *product_of(amqp_bytes_t id) {
  const char *text = id.bytes;
  unsigned number = 0, place = 1;
  for (size_t i = id.len; i > 0 && text[i - 1] >= '0' && text[i - 1] <= '9'; i--, place *= 10)
    number += (unsigned)(text[i - 1] - '0') * place;
  return products[number % product_count];
}

static void forward(relay *it, amqp_bytes_t correlation) {
  const answer *given = it->pending;
  const char *product = given->names_product ? product_of(correlation) : "";
  char key[64];
  snprintf(key, sizeof key, "%s%s", given->key, product);
  raw_envelope envelope = {given->exchange, key, given->type, correlation, given->mandatory};
  raw_publish_enveloped(&it->publisher, &envelope,
                        (amqp_bytes_t){.len = given->size, .bytes = it->body});
}

static void take(relay *it, const amqp_frame_t *frame) {
  int channel = frame->channel;
  if (frame->frame_type == AMQP_FRAME_HEADER && channel == forwarding) {
    const amqp_basic_properties_t *properties = frame->payload.properties.decoded;
    forward(it, properties->correlation_id);
  } else if (frame->frame_type == AMQP_FRAME_METHOD) {
    switch (frame->payload.method.id) {
      case AMQP_BASIC_ACK_METHOD:
        raw_publish_confirmed(&it->publisher, frame->payload.method.decoded);
        break;
      case AMQP_BASIC_DELIVER_METHOD: {
        const amqp_basic_deliver_t *delivery = frame->payload.method.decoded;
        it->delivered[channel] = delivery->delivery_tag;
        it->pending = &it->answers[*(const char *)delivery->consumer_tag.bytes - 'a'];
      }
    }
  }
}

static void ack(relay *it, int channel, uint64_t tag) {
  if (tag == it->acked[channel]) return;
  int status = amqp_basic_ack(it->link.state, channel, tag, 1);
  if (status != AMQP_STATUS_OK) raw_fail("acking", amqp_error_string2(status));
  it->acked[channel] = tag;
}

void raw_relay(const char *url, const char *role, const size_t sizes[4]) {
  relay it = {.link = raw_connect(url)};
  it.publisher = raw_publish_start(&it.link, window);
  it.body = malloc(1 << 20);
  if (!it.body) raw_fail("relaying", "no memory");
  memset(it.body, 'x', 1 << 20);
  if (strcmp(role, "orchestrator") == 0)
    start_orchestrator(&it, sizes);
  else
    start_worker(&it, sizes);
  puts("ready");
  fflush(stdout);
  for (;;) {
    amqp_frame_t frame;
    if (!raw_read(&it.link, &frame, longest_wait_milliseconds)) continue;
    raw_cork(&it.link, true);
    int taken = 0;
    do take(&it, &frame);
    while (++taken < frames_per_turn && raw_read(&it.link, &frame, 0));
    // Each delivery is answered by one message, so that both have the same number.
    ack(&it, forwarding, it.publisher.first - 1);
    ack(&it, ending, it.delivered[ending]);
    raw_cork(&it.link, false);
    raw_release(&it.link);
  }
}
