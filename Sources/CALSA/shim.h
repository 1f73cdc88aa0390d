#pragma once
#include <alsa/asoundlib.h>

// The library's default error handler prints to standard error. It is variadic, which Swift cannot
// write, so the handler that says nothing is written here. Errors reach the user by return codes.
static inline void affectd_alsa_ignore_message(const char *file, int line, const char *function,
                                               int error, const char *format, ...) {
  (void)file, (void)line, (void)function, (void)error, (void)format;
}

static inline void affectd_alsa_silence_messages(void) {
  snd_lib_error_set_handler(affectd_alsa_ignore_message);
}

// Gives an event of the sequencer its source, to go at once to all who have subscribed. The library has macros for it.
static inline void affectd_seq_to_subscribers(snd_seq_event_t *event, int port) {
  snd_seq_ev_set_source(event, port);
  snd_seq_ev_set_subs(event);
  snd_seq_ev_set_direct(event);
}
