// raw-amqp publish URL QUEUE COUNT BYTES WINDOW
// raw-amqp consume URL QUEUE COUNT BYTES PREFETCH PER_ACK
// raw-amqp send URL FILE RATE
// raw-amqp relay URL orchestrator|worker CHECK RESULT SETTLE OUTCOME
// raw-amqp receive URL QUEUE RUN COUNT FILE
//
// The last three are the raw pump, a flow of the system's messages without the system. FILE of `send`
// has a line `ID<tab>BODY` for each request; RATE a second, 0 as fast as they are confirmed; it prints
// the nanoseconds of its start and end, and its CPU seconds. `relay` sends bodies of those sizes.
// `receive` waits for the final outcomes of the requests RUN0, RUN1 …, writes when each arrived to
// FILE, and prints its CPU seconds, how many came again, and how many were refunded, partially
// refunded, denied, and in need of action.
//
// The first two print seconds and the process's CPU seconds (user and system) from the first publish to the last
// confirm, or from basic.consume to the close of the channel after the last ack.
#include "raw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

// Messages in one corked burst.
static const uint32_t burst = 128;

typedef struct {
  double seconds, cpu;
} figures;

static figures now(void) {
  struct timespec time;
  struct rusage usage;
  clock_gettime(CLOCK_MONOTONIC, &time);
  getrusage(RUSAGE_SELF, &usage);
  return (figures){
      (double)time.tv_sec + (double)time.tv_nsec / 1e9,
      (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
          (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
  };
}

static figures publish(raw_link *link, const char *queue, uint32_t count, size_t bytes,
                       uint32_t window) {
  uint8_t *body = malloc(bytes);
  if (!body) raw_fail("publishing", "no memory");
  memset(body, 'x', bytes);
  raw_publisher publisher = raw_publish_start(link, window);
  figures start = now();
  for (uint32_t sent = 0; sent < count;) {
    uint32_t room = raw_publish_room(&publisher);
    uint32_t some = room < burst ? room : burst;
    if (some > count - sent) some = count - sent;
    raw_cork(link, true);
    for (uint32_t i = 0; i < some; i++)
      raw_publish(&publisher, "", queue, (amqp_bytes_t){.len = bytes, .bytes = body});
    raw_cork(link, false);
    sent += some;
    raw_publish_confirms(&publisher, raw_publish_room(&publisher) == 0);
  }
  raw_publish_end(&publisher);
  figures end = now();
  free(body);
  return (figures){end.seconds - start.seconds, end.cpu - start.cpu};
}

static figures consume(raw_link *link, const char *queue, uint32_t count, size_t bytes,
                       uint16_t prefetch, uint32_t per_ack) {
  figures start = now();
  raw_consumer consumer = raw_consume_start(link, queue, prefetch, per_ack);
  for (uint32_t i = 0; i < count; i++) {
    raw_consume_next(&consumer);
    if (consumer.length != bytes) raw_fail("consuming", "a body of another length");
    raw_consume_done(&consumer);
  }
  raw_consume_end(&consumer);
  figures end = now();
  return (figures){end.seconds - start.seconds, end.cpu - start.cpu};
}

static bool is(int count, char **arguments, int wanted, const char *name) {
  return count == wanted && strcmp(arguments[1], name) == 0;
}

// Whether it was one of the raw pump's.
static bool pump(int count, char **arguments) {
  if (is(count, arguments, 5, "send")) {
    raw_send(arguments[2], arguments[3], atof(arguments[4]));
  } else if (is(count, arguments, 8, "relay")) {
    size_t sizes[4];
    for (int i = 0; i < 4; i++) sizes[i] = (size_t)atoi(arguments[4 + i]);
    raw_relay(arguments[2], arguments[3], sizes);
  } else if (is(count, arguments, 7, "receive")) {
    raw_receive(arguments[2], arguments[3], arguments[4], (uint32_t)atoi(arguments[5]),
                arguments[6]);
  } else {
    return false;
  }
  return true;
}

int main(int count, char **arguments) {
  if (pump(count, arguments)) return 0;
  bool publishes = is(count, arguments, 7, "publish");
  bool consumes = is(count, arguments, 8, "consume");
  if (!publishes && !consumes) raw_fail("arguments", "see the head of main.c");
  raw_link link = raw_connect(arguments[2]);
  uint32_t messages = (uint32_t)atoi(arguments[4]), bound = (uint32_t)atoi(arguments[6]);
  size_t bytes = (size_t)atoi(arguments[5]);
  figures found = publishes ? publish(&link, arguments[3], messages, bytes, bound)
                            : consume(&link, arguments[3], messages, bytes, (uint16_t)bound,
                                      (uint32_t)atoi(arguments[7]));
  raw_disconnect(&link);
  printf("%.6f %.6f\n", found.seconds, found.cpu);
  return 0;
}
