// What a good C programmer writes on bare librabbitmq: blocking calls on one thread, frames read
// without amqp_consume_message's copies, one ack for many deliveries, corked bursts of publishes.
// Every failure ends the process with a sentence on stderr.
#ifndef RAW_H
#define RAW_H

#include <amqp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A connection with its one channel open.
typedef struct {
  amqp_connection_state_t state;
  int descriptor;
} raw_link;

raw_link raw_connect(const char *url);
void raw_disconnect(raw_link *link);
// Frames written between on and off leave in full segments.
void raw_cork(raw_link *link, bool on);
// The next frame, waited for at most `milliseconds`; false where none came.
// What it points to is valid until raw_release.
bool raw_read(raw_link *link, amqp_frame_t *frame, int milliseconds);
// Gives the memory of decoded frames back.
void raw_release(raw_link *link);
void raw_check(amqp_rpc_reply_t reply, const char *what);
void raw_fail(const char *what, const char *why) __attribute__((noreturn));

// A sliding window of persistent, mandatory messages that are sent and not yet confirmed.
typedef struct {
  raw_link *link;
  uint32_t window;
  // Whether the message in that place of the window was confirmed.
  bool *confirmed;
  // Tags of the channel: the next to send, and the first that is not confirmed.
  uint64_t next, first;
} raw_publisher;

raw_publisher raw_publish_start(raw_link *link, uint32_t window);
// Sends the next message: its id is its tag. Never waits for confirms: see raw_publish_room.
void raw_publish(raw_publisher *it, const char *exchange, const char *key, amqp_bytes_t body);
// What a message of the system carries beside its body.
typedef struct {
  const char *exchange, *key, *type;
  amqp_bytes_t correlation;
  bool mandatory;
} raw_envelope;

// The same with the properties and the trace header of a message of the system.
void raw_publish_enveloped(raw_publisher *it, const raw_envelope *envelope, amqp_bytes_t body);
// How many more the window takes.
uint32_t raw_publish_room(const raw_publisher *it);
// Takes the confirms that are there; waits for one where asked to.
void raw_publish_confirms(raw_publisher *it, bool wait);
// The broker has confirmed these.
void raw_publish_confirmed(raw_publisher *it, const amqp_basic_ack_t *ack);
void raw_publish_end(raw_publisher *it);

// The programs of main.c. A relay runs until it is killed; the others print what they measured.
void raw_send(const char *url, const char *file, double rate);
void raw_relay(const char *url, const char *role, const size_t sizes[4]);
void raw_receive(const char *url, const char *queue, const char *run, uint32_t count,
                 const char *file);

// CLOCK_MONOTONIC in nanoseconds: the same for all processes.
int64_t raw_nanoseconds(void);
// User and system time of this process so far.
double raw_cpu_seconds(void);

// Deliveries of one queue, acked by the hundred.
typedef struct {
  raw_link *link;
  uint32_t per_ack, unacked;
  uint64_t tag;
  // The last delivery's body: a copy of the consumer's own.
  uint8_t *body;
  size_t length, capacity;
} raw_consumer;

raw_consumer raw_consume_start(raw_link *link, const char *queue, uint16_t prefetch,
                               uint32_t per_ack);
// Waits for the next delivery and reads all of it.
void raw_consume_next(raw_consumer *it);
// What was read is handled: acks once `per_ack` are.
void raw_consume_done(raw_consumer *it);
// Acks the rest and closes the channel.
void raw_consume_end(raw_consumer *it);

#endif
