#pragma once
#include <ev.h>
#include <stdint.h>
#include <sys/eventfd.h>

/* Any watcher of libev, with one signature for all kinds: libev sets them up by macros, which Swift cannot call. */
typedef struct hydrogen_watcher hydrogen_watcher;
typedef void (*hydrogen_watcher_handler)(hydrogen_watcher *watcher);

struct hydrogen_watcher {
    union {
        ev_async async;
        ev_timer timer;
        ev_prepare prepare;
        ev_io io;
    } libev; /* first, so that libev's pointer is ours */
    hydrogen_watcher_handler handler;
    void *owner;
    uint64_t tag;
};

static inline void hydrogen_watcher_fired_async(struct ev_loop *loop, ev_async *fired, int events) {
    (void)loop; (void)events;
    ((hydrogen_watcher *)fired)->handler((hydrogen_watcher *)fired);
}
static inline void hydrogen_watcher_fired_timer(struct ev_loop *loop, ev_timer *fired, int events) {
    (void)loop; (void)events;
    ((hydrogen_watcher *)fired)->handler((hydrogen_watcher *)fired);
}
static inline void hydrogen_watcher_fired_prepare(struct ev_loop *loop, ev_prepare *fired, int events) {
    (void)loop; (void)events;
    ((hydrogen_watcher *)fired)->handler((hydrogen_watcher *)fired);
}
static inline void hydrogen_watcher_fired_io(struct ev_loop *loop, ev_io *fired, int events) {
    (void)loop; (void)events;
    ((hydrogen_watcher *)fired)->handler((hydrogen_watcher *)fired);
}

static inline void hydrogen_watcher_async_start(struct ev_loop *loop, hydrogen_watcher *watcher) {
    ev_async_init(&watcher->libev.async, hydrogen_watcher_fired_async);
    ev_async_start(loop, &watcher->libev.async);
}
static inline void hydrogen_watcher_async_send(struct ev_loop *loop, hydrogen_watcher *watcher) {
    ev_async_send(loop, &watcher->libev.async);
}
static inline void hydrogen_watcher_async_stop(struct ev_loop *loop, hydrogen_watcher *watcher) {
    ev_async_stop(loop, &watcher->libev.async);
}

static inline void hydrogen_watcher_timer_init(hydrogen_watcher *watcher) {
    ev_timer_init(&watcher->libev.timer, hydrogen_watcher_fired_timer, 0.0, 0.0);
}
/* Starts the timer anew; `again` of 0 makes it fire once. Seconds. */
static inline void hydrogen_watcher_timer_start(
    struct ev_loop *loop, hydrogen_watcher *watcher, double after, double again) {
    ev_timer_stop(loop, &watcher->libev.timer);
    /* libev counts from the time it knows, which may be as old as this pass. */
    ev_now_update(loop);
    ev_timer_set(&watcher->libev.timer, after, again);
    ev_timer_start(loop, &watcher->libev.timer);
}
static inline void hydrogen_watcher_timer_stop(struct ev_loop *loop, hydrogen_watcher *watcher) {
    ev_timer_stop(loop, &watcher->libev.timer);
}

static inline void hydrogen_watcher_prepare_start(struct ev_loop *loop, hydrogen_watcher *watcher) {
    ev_prepare_init(&watcher->libev.prepare, hydrogen_watcher_fired_prepare);
    ev_prepare_start(loop, &watcher->libev.prepare);
}
static inline void hydrogen_watcher_prepare_stop(struct ev_loop *loop, hydrogen_watcher *watcher) {
    ev_prepare_stop(loop, &watcher->libev.prepare);
}

/*
 * Watches a descriptor for reading; a higher priority is served first within a pass (-2 to 2). Not by ev_io_set, which
 * has epoll told of the descriptor again although lws watches it for reading already: a system call per handshake.
 */
static inline void hydrogen_watcher_read_start(
    struct ev_loop *loop, hydrogen_watcher *watcher, int descriptor, int priority) {
    ev_init(&watcher->libev.io, hydrogen_watcher_fired_io);
    watcher->libev.io.fd = descriptor;
    watcher->libev.io.events = EV_READ;
    ev_set_priority(&watcher->libev.io, priority);
    ev_io_start(loop, &watcher->libev.io);
}
static inline void hydrogen_watcher_read_stop(struct ev_loop *loop, hydrogen_watcher *watcher) {
    ev_io_stop(loop, &watcher->libev.io);
}

static inline struct ev_loop *hydrogen_loop_create(void) { return ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV); }
static inline void hydrogen_loop_run(struct ev_loop *loop) { ev_run(loop, 0); }
static inline void hydrogen_loop_run_once(struct ev_loop *loop) { ev_run(loop, EVRUN_NOWAIT); }
/* As if epoll had told that a descriptor can be read: whoever watches it is called in this pass. */
static inline void hydrogen_loop_feed_read(struct ev_loop *loop, int descriptor) {
    ev_feed_fd_event(loop, descriptor, EV_READ);
}
static inline void hydrogen_loop_break(struct ev_loop *loop) { ev_break(loop, EVBREAK_ALL); }
static inline void hydrogen_loop_destroy(struct ev_loop *loop) { ev_loop_destroy(loop); }

/* A descriptor that any thread may wake a loop by: readable until what was sent is taken. -1 where there is none. */
static inline int hydrogen_wake_create(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
static inline void hydrogen_wake_send(int descriptor) { (void)eventfd_write(descriptor, 1); }
static inline void hydrogen_wake_take(int descriptor) {
    eventfd_t count;
    (void)eventfd_read(descriptor, &count);
}
