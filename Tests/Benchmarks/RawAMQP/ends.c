// Both ends of a measurement, the same for the raw pump and the system: who sends the requests, and
// who subscribes to the outcomes.
#include "raw.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const uint32_t window = 2000, burst = 128, per_ack = 256, deliveries_per_release = 64;
static const uint16_t prefetch = 2000;
// Longer than anything that is measured stands still.
static const int patience_milliseconds = 120000;

int64_t raw_nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

double raw_cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static amqp_bytes_t map(const char *file) {
  struct stat about;
  int descriptor = open(file, O_RDONLY);
  if (descriptor < 0 || fstat(descriptor, &about) != 0) raw_fail(file, "cannot be read");
  void *bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (bytes == MAP_FAILED) raw_fail(file, "cannot be mapped");
  close(descriptor);
  return (amqp_bytes_t){.len = (size_t)about.st_size, .bytes = bytes};
}

// The bytes before that one; both leave `rest`.
static amqp_bytes_t until(amqp_bytes_t *rest, char end) {
  char *start = rest->bytes, *found = memchr(start, end, rest->len);
  if (!found) raw_fail("sending", "a line that is not ID, tab, body");
  amqp_bytes_t part = {.len = (size_t)(found - start), .bytes = start};
  *rest = (amqp_bytes_t){.len = rest->len - part.len - 1, .bytes = found + 1};
  return part;
}

static void send_next(raw_publisher *publisher, amqp_bytes_t *lines) {
  amqp_bytes_t id = until(lines, '\t'), body = until(lines, '\n');
  raw_envelope envelope = {"refund.requests", "request", "refund.request.v1", id, true};
  raw_publish_enveloped(publisher, &envelope, body);
}

static void send_fast(raw_link *link, raw_publisher *publisher, amqp_bytes_t lines) {
  while (lines.len > 0) {
    raw_cork(link, true);
    for (uint32_t i = 0; i < burst && lines.len > 0 && raw_publish_room(publisher) > 0; i++)
      send_next(publisher, &lines);
    raw_cork(link, false);
    raw_publish_confirms(publisher, raw_publish_room(publisher) == 0);
  }
}

// Each at its time, whatever became of those before.
static void send_steadily(raw_publisher *publisher, amqp_bytes_t lines, double rate, int64_t start) {
  for (int64_t sent = 0; lines.len > 0; sent++) {
    int64_t due = start + (int64_t)((double)sent / rate * 1e9);
    if (raw_nanoseconds() < due) {
      struct timespec time = {.tv_sec = due / 1000000000, .tv_nsec = due % 1000000000};
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
    }
    send_next(publisher, &lines);
    raw_publish_confirms(publisher, raw_publish_room(publisher) == 0);
  }
}

void raw_send(const char *url, const char *file, double rate) {
  amqp_bytes_t lines = map(file);
  raw_link link = raw_connect(url);
  raw_publisher publisher = raw_publish_start(&link, window);
  int64_t start = raw_nanoseconds();
  if (rate > 0)
    send_steadily(&publisher, lines, rate, start);
  else
    send_fast(&link, &publisher, lines);
  raw_publish_end(&publisher);
  printf("%lld %lld %.6f\n", (long long)start, (long long)raw_nanoseconds(), raw_cpu_seconds());
  raw_disconnect(&link);
}

// Routing keys of final outcomes begin with one of these.
static const char *finals[] = {"refunded", "partially_refunded", "denied", "action_required"};
enum { final_count = 4 };

// Which of them, or -1.
static int final_of(amqp_bytes_t key) {
  for (int i = 0; i < final_count; i++) {
    size_t word = strlen(finals[i]);
    if (key.len >= word && memcmp(key.bytes, finals[i], word) == 0) return i;
  }
  return -1;
}

// The number of the request in the run, or -1 where it is of another.
static int64_t number_of(amqp_bytes_t id, const char *run) {
  size_t length = strlen(run);
  if (id.len <= length || memcmp(id.bytes, run, length) != 0) return -1;
  int64_t number = 0;
  for (size_t at = length; at < id.len; at++)
    number = number * 10 + (((const char *)id.bytes)[at] - '0');
  return number;
}

// The arrivals, as they lie in the file: nanoseconds of each request's first final outcome.
static int64_t *arrivals_in(const char *file, uint32_t count) {
  int descriptor = open(file, O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (descriptor < 0 || ftruncate(descriptor, (off_t)count * 8) != 0)
    raw_fail(file, "cannot be written");
  void *bytes = mmap(NULL, (size_t)count * 8, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (bytes == MAP_FAILED) raw_fail(file, "cannot be mapped");
  close(descriptor);
  return bytes;
}

void raw_receive(const char *url, const char *queue, const char *run, uint32_t count,
                 const char *file) {
  int64_t *arrivals = arrivals_in(file, count);
  raw_link link = raw_connect(url);
  raw_consumer consumer = raw_consume_start(&link, queue, prefetch, per_ack);
  puts("ready");
  fflush(stdout);
  const amqp_basic_deliver_t *delivery = NULL;
  uint32_t found = 0, repeated = 0, endings[final_count] = {0};
  while (found < count) {
    amqp_frame_t frame;
    if (!raw_read(&link, &frame, patience_milliseconds)) {
      fprintf(stderr, "raw-amqp: %u of %u outcomes came, then none for long\n", found, count);
      exit(1);
    }
    if (frame.frame_type == AMQP_FRAME_METHOD) delivery = frame.payload.method.decoded;
    if (frame.frame_type != AMQP_FRAME_HEADER || !delivery) continue;
    const amqp_basic_properties_t *properties = frame.payload.properties.decoded;
    int64_t number = number_of(properties->correlation_id, run);
    int ending = final_of(delivery->routing_key);
    if (number >= 0 && number < count && ending >= 0) {
      if (arrivals[number] != 0) repeated++;
      else found++, endings[ending]++, arrivals[number] = raw_nanoseconds();
    }
    consumer.tag = delivery->delivery_tag;
    consumer.unacked++;
    raw_consume_done(&consumer);
    if (consumer.tag % deliveries_per_release == 0) raw_release(&link);
  }
  raw_consume_end(&consumer);
  printf("%.6f %u", raw_cpu_seconds(), repeated);
  for (int i = 0; i < final_count; i++) printf(" %u", endings[i]);
  puts("");
  raw_disconnect(&link);
}
