// raw-amqp publish URL QUEUE COUNT BYTES WINDOW
// raw-amqp consume URL QUEUE COUNT BYTES PREFETCH PER_ACK
//
// Prints seconds and the process's CPU seconds (user and system) from the first publish to the last
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

int main(int count, char **arguments) {
  bool publishes = count == 7 && strcmp(arguments[1], "publish") == 0;
  bool consumes = count == 8 && strcmp(arguments[1], "consume") == 0;
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
