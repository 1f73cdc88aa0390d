/*
 * ALSA plugin "affecttest": a raw file that behaves like a sound card's input.
 *
 * For tests on machines without sound hardware.  An application opens the PCM
 * through the ordinary ALSA API and gets the file in real time, real overruns
 * when it reads too slowly, and faults on demand.  README.md describes how to
 * build it, the configuration and the control words.
 *
 * How it works
 *
 *   The only state that moves is a clock.  The hardware position is the time
 *   since the start, times the rate; the frame at position n is frame n of the
 *   file.  So there is no ring buffer and no thread, and what was delivered can
 *   be compared byte by byte with the file.
 *
 *   The poll descriptor is an epoll set of two others: a timerfd, which expires
 *   when avail_min frames will be there, and an inotify descriptor on the
 *   control file.  The second is needed for a stall: snd_pcm_wait() begins its
 *   timeout anew after every wake-up without data, so the timer must not tick
 *   during a stall, and yet its end has to wake the reader.
 *
 *   Like every PCM handle, one handle is meant for one thread.
 */

#define _GNU_SOURCE

#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* What the card offers, in frames.  Wide enough for any sensible request, and
 * a buffer of at most 2.7 s at 48 kHz, as on common cards. */
#define PERIOD_FRAMES_MIN 16u
#define PERIOD_FRAMES_MAX 32768u
#define BUFFER_FRAMES_MAX 131072u
#define PERIODS_MIN 2u
#define PERIODS_MAX 1024u

/* Bounds of the configuration; beyond them is a typing error. */
#define CHANNELS_MAX 64
#define RATE_MIN 1000
#define RATE_MAX 768000
#define DRIFT_PPM_MAX 100000

#define NANOSECONDS_PER_SECOND 1000000000ull
/* The timer expires this much after the frame is due, so that rounding never
 * wakes the reader one frame too early. */
#define TIMER_SLACK_NS 1000ull
/* No timer is set further ahead than a day: keeps the arithmetic in range when
 * an application sets avail_min to the boundary. */
#define TIMER_MAX_AHEAD_NS (86400ull * NANOSECONDS_PER_SECOND)
/* timerfd deadlines with a special meaning (CLOCK_MONOTONIC is never near 0). */
#define DEADLINE_NEVER 0ull
#define DEADLINE_NOW 1ull

/* The control file is one word and a rate; more is not read. */
#define CONTROL_BYTES_MAX 256

#define WATCH_NONE (-1)
/* Rewritten in place, replaced by a rename (IN_ATTRIB: the link count of the
 * old file changes), moved away, or removed. */
#define WATCH_EVENTS (IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF)

static const snd_pcm_format_t supported_formats[] = {
  SND_PCM_FORMAT_S16_LE, SND_PCM_FORMAT_S24_LE, SND_PCM_FORMAT_S24_3LE,
  SND_PCM_FORMAT_S32_LE, SND_PCM_FORMAT_FLOAT_LE,
};

/* What the control file says. */
enum control_word {
  CONTROL_RUN,     /* nothing special; also an empty or missing file */
  CONTROL_XRUN,    /* one overrun for each new serial number */
  CONTROL_STALL,   /* the clock stands still */
  CONTROL_GONE,    /* unplugged */
  CONTROL_UNKNOWN, /* not one of ours, perhaps written only in part */
};

struct control {
  enum control_word word;
  unsigned long serial; /* of CONTROL_XRUN */
  unsigned int rate;    /* 0 where none is given; used at opening only */
};

enum phase {
  PHASE_IDLE,    /* prepared or stopped: the position does not move */
  PHASE_RUNNING, /* the position follows the clock */
  PHASE_OVERRUN, /* the reader was too slow; ends with prepare or stop */
  PHASE_GONE,    /* unplugged; as with real cards this handle never recovers */
};

struct test_card {
  snd_pcm_ioplug_t io;

  /* Fixed at opening. */
  snd_pcm_format_t format;
  unsigned int channels;
  unsigned int rate;     /* as offered to the application, in Hz */
  double frames_per_ns;  /* as played, which includes the drift */
  size_t frame_bytes;
  unsigned char *frames; /* the whole file */
  uint64_t frame_count;
  bool loop;
  char *control_path; /* NULL where there is none */

  int timer;
  int watcher; /* inotify; -1 without a control file */
  int watch;   /* inotify's number for the present control file */
  int poll_set;

  /* Set by the application. */
  snd_pcm_uframes_t avail_min;
  snd_pcm_uframes_t stop_threshold;
  snd_pcm_uframes_t boundary;

  enum phase phase;
  uint64_t started_ns;
  uint64_t position; /* frames since the start */
  uint64_t deadline_ns; /* what the timer is set to */
  bool stalled;
  uint64_t stalled_since_ns;
  unsigned long last_serial; /* of the overruns made on demand */
  bool unknown_word_reported;
};

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * NANOSECONDS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* --- The control file ---------------------------------------------------- */

static void parse_control_line(const char *line, struct control *control) {
  char word[16];
  unsigned long number;
  int fields = sscanf(line, "%15s %lu", word, &number);
  if (fields < 1) return; /* blank */
  if (strcmp(word, "rate") == 0 && fields == 2 && number >= RATE_MIN && number <= RATE_MAX) {
    control->rate = (unsigned int)number;
  } else if (strcmp(word, "xrun") == 0 && fields == 2) {
    control->word = CONTROL_XRUN;
    control->serial = number;
  } else if (strcmp(word, "run") == 0) {
    control->word = CONTROL_RUN;
  } else if (strcmp(word, "stall") == 0) {
    control->word = CONTROL_STALL;
  } else if (strcmp(word, "gone") == 0) {
    control->word = CONTROL_GONE;
  } else {
    control->word = CONTROL_UNKNOWN;
  }
}

/* Reads the file anew each time instead of comparing its time of change, which
 * has the grain of the kernel's tick: two changes within it would be one. */
static struct control read_control(const char *path) {
  struct control control = {.word = CONTROL_RUN};
  if (!path) return control;

  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return control;
  char text[CONTROL_BYTES_MAX + 1];
  ssize_t length = read(fd, text, CONTROL_BYTES_MAX);
  close(fd);
  if (length <= 0) return control;
  text[length] = '\0';

  char *rest = text;
  for (char *line; (line = strsep(&rest, "\n"));) parse_control_line(line, &control);
  return control;
}

/* Takes the pending notifications and sees to it that the file which has the
 * control file's name now is the watched one.  Called before the file is read,
 * so that no change is lost in between.  While there is no file, nothing is
 * watched: that reads as "run", and the timer brings us here every period. */
static void renew_watch(struct test_card *card) {
  if (card->watcher < 0) return;
  char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
  while (read(card->watcher, events, sizeof events) > 0) {
  }
  int watch = inotify_add_watch(card->watcher, card->control_path, WATCH_EVENTS);
  if (watch == card->watch) return;
  /* Fails where the old file is deleted, which is as well. */
  if (card->watch != WATCH_NONE) inotify_rm_watch(card->watcher, card->watch);
  card->watch = watch < 0 ? WATCH_NONE : watch;
}

static void look_at_control(struct test_card *card) {
  if (!card->control_path || card->phase == PHASE_GONE) return;
  renew_watch(card);
  struct control control = read_control(card->control_path);

  if (control.word == CONTROL_UNKNOWN) {
    /* Nothing changes: a file that is being written may be seen in part. */
    if (!card->unknown_word_reported)
      SNDERR("affecttest: %s: expected run, xrun N, stall or gone, and optionally rate N",
             card->control_path);
    card->unknown_word_reported = true;
    return;
  }
  card->unknown_word_reported = false;

  bool stall = control.word == CONTROL_STALL;
  if (stall && !card->stalled) {
    card->stalled_since_ns = now_ns();
  } else if (!stall && card->stalled) {
    /* The clock goes on where it stood. */
    card->started_ns += now_ns() - card->stalled_since_ns;
  }
  card->stalled = stall;

  if (control.word == CONTROL_GONE) {
    card->phase = PHASE_GONE;
  } else if (control.word == CONTROL_XRUN && control.serial != card->last_serial &&
             card->phase == PHASE_RUNNING) {
    card->last_serial = control.serial;
    card->phase = PHASE_OVERRUN;
  }
}

/* --- The clock and the timer --------------------------------------------- */

static void set_timer(struct test_card *card, uint64_t deadline_ns) {
  /* Setting a timer that has expired would make it unreadable for a moment. */
  if (deadline_ns == card->deadline_ns) return;
  card->deadline_ns = deadline_ns;
  struct itimerspec setting = {
    .it_value = {
      .tv_sec = (time_t)(deadline_ns / NANOSECONDS_PER_SECOND),
      .tv_nsec = (long)(deadline_ns % NANOSECONDS_PER_SECOND),
    },
  };
  timerfd_settime(card->timer, TFD_TIMER_ABSTIME, &setting, NULL);
}

/* Sets the timer for a reader that has taken the frames before `application`. */
static void schedule_wake_up(struct test_card *card, uint64_t application) {
  uint64_t frames_wanted = card->avail_min;
  if (frames_wanted > card->stop_threshold) frames_wanted = card->stop_threshold;

  switch (card->phase) {
    case PHASE_IDLE:
      set_timer(card, DEADLINE_NEVER);
      return;
    case PHASE_OVERRUN:
    case PHASE_GONE:
      /* A waiting reader has to learn of it. */
      set_timer(card, DEADLINE_NOW);
      return;
    case PHASE_RUNNING:
      break;
  }
  if (card->stalled && card->position < application + frames_wanted) {
    set_timer(card, DEADLINE_NEVER);
    return;
  }
  double wait_ns = (double)(application + frames_wanted) / card->frames_per_ns;
  /* Counted from the start, which may itself be days ago. */
  double latest_ns = (double)(now_ns() - card->started_ns) + (double)TIMER_MAX_AHEAD_NS;
  if (wait_ns > latest_ns) wait_ns = latest_ns;
  set_timer(card, card->started_ns + (uint64_t)wait_ns + TIMER_SLACK_NS);
}

/* Brings the phase, the position and the timer up to date. */
static void advance(struct test_card *card) {
  look_at_control(card);
  if (card->phase == PHASE_RUNNING) {
    uint64_t until = card->stalled ? card->stalled_since_ns : now_ns();
    card->position = (uint64_t)((double)(until - card->started_ns) * card->frames_per_ns);
    /* The kernel's rule.  The threshold is the buffer's size unless the
     * application has chosen another. */
    if (card->position - card->io.appl_ptr >= card->stop_threshold) card->phase = PHASE_OVERRUN;
  }
  schedule_wake_up(card, card->io.appl_ptr);
}

/* --- ALSA's callbacks ---------------------------------------------------- */

static int card_start(snd_pcm_ioplug_t *io) {
  struct test_card *card = io->private_data;
  look_at_control(card);
  if (card->phase == PHASE_GONE) return -ENODEV;
  card->phase = PHASE_RUNNING;
  card->position = 0;
  card->started_ns = card->stalled_since_ns = now_ns();
  schedule_wake_up(card, io->appl_ptr);
  return 0;
}

static int card_stop(snd_pcm_ioplug_t *io) {
  struct test_card *card = io->private_data;
  if (card->phase != PHASE_GONE) card->phase = PHASE_IDLE;
  schedule_wake_up(card, io->appl_ptr);
  return 0;
}

static snd_pcm_sframes_t card_pointer(snd_pcm_ioplug_t *io) {
  struct test_card *card = io->private_data;
  advance(card);

  uint64_t position = card->position;
  if (card->phase == PHASE_OVERRUN) return -EPIPE; /* alsa-lib sets the state to XRUN */
  if (card->phase == PHASE_GONE) {
    /* alsa-lib takes every negative answer for an overrun.  So the state says
     * it, and one frame at least is announced: then a reader, even one that
     * does not block, comes to the transfer callback and gets its -ENODEV. */
    snd_pcm_ioplug_set_state(io, SND_PCM_STATE_DISCONNECTED);
    if (position <= io->appl_ptr) position = io->appl_ptr + 1;
  }
  return (snd_pcm_sframes_t)(card->boundary ? position % card->boundary : position);
}

/* Copies `count` frames of the file from `first` on; silence after its end. */
static void copy_frames(const struct test_card *card, unsigned char *to, uint64_t first,
                        uint64_t count) {
  while (count > 0) {
    uint64_t from = card->loop && card->frame_count > 0 ? first % card->frame_count : first;
    uint64_t chunk = from < card->frame_count ? card->frame_count - from : 0;
    if (chunk > count) chunk = count;
    if (chunk == 0) {
      /* Zero is silence in all the formats that we have. */
      memset(to, 0, count * card->frame_bytes);
      return;
    }
    memcpy(to, card->frames + from * card->frame_bytes, chunk * card->frame_bytes);
    to += chunk * card->frame_bytes;
    first += chunk;
    count -= chunk;
  }
}

static snd_pcm_sframes_t card_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas,
                                       snd_pcm_uframes_t offset, snd_pcm_uframes_t size) {
  struct test_card *card = io->private_data;
  if (card->phase == PHASE_GONE) return -ENODEV;

  /* Interleaved: the first channel's area leads to all of them. */
  unsigned char *to = (unsigned char *)areas[0].addr + areas[0].first / 8;
  copy_frames(card, to + offset * card->frame_bytes, io->appl_ptr, size);

  /* With mmap access this is a look at the data, and nothing is taken yet. */
  if (io->access == SND_PCM_ACCESS_RW_INTERLEAVED) schedule_wake_up(card, io->appl_ptr + size);
  return (snd_pcm_sframes_t)size;
}

static int card_poll_revents(snd_pcm_ioplug_t *io, struct pollfd *descriptors, unsigned int count,
                             unsigned short *events) {
  (void)descriptors; /* The clock says it better. */
  (void)count;
  struct test_card *card = io->private_data;
  advance(card);

  *events = 0;
  switch (card->phase) {
    case PHASE_IDLE:
      break;
    case PHASE_RUNNING:
      if (card->position - io->appl_ptr >= card->avail_min) *events = POLLIN;
      break;
    case PHASE_OVERRUN:
      snd_pcm_ioplug_set_state(io, SND_PCM_STATE_XRUN);
      *events = POLLIN | POLLERR; /* as the kernel does */
      break;
    case PHASE_GONE:
      snd_pcm_ioplug_set_state(io, SND_PCM_STATE_DISCONNECTED);
      *events = POLLIN | POLLERR;
      break;
  }
  return 0;
}

static int card_hw_params(snd_pcm_ioplug_t *io, snd_pcm_hw_params_t *params) {
  (void)params;
  struct test_card *card = io->private_data;
  look_at_control(card);
  if (card->phase == PHASE_GONE) return -ENODEV;
  card->avail_min = io->period_size;
  card->stop_threshold = io->buffer_size;
  return 0;
}

static int card_sw_params(snd_pcm_ioplug_t *io, snd_pcm_sw_params_t *params) {
  struct test_card *card = io->private_data;
  snd_pcm_sw_params_get_avail_min(params, &card->avail_min);
  snd_pcm_sw_params_get_stop_threshold(params, &card->stop_threshold);
  snd_pcm_sw_params_get_boundary(params, &card->boundary);
  return 0;
}

static int card_prepare(snd_pcm_ioplug_t *io) {
  struct test_card *card = io->private_data;
  look_at_control(card);
  if (card->phase == PHASE_GONE) return -ENODEV;
  card->phase = PHASE_IDLE;
  card->position = 0;
  schedule_wake_up(card, io->appl_ptr);
  return 0;
}

/* Without this, alsa-lib waits for a full buffer before it stops a capture. */
static int card_drain(snd_pcm_ioplug_t *io) {
  (void)io;
  return 0;
}

static void free_card(struct test_card *card) {
  if (card->timer >= 0) close(card->timer);
  if (card->watcher >= 0) close(card->watcher);
  if (card->poll_set >= 0) close(card->poll_set);
  free(card->control_path);
  free(card->frames);
  free(card);
}

static int card_close(snd_pcm_ioplug_t *io) {
  free_card(io->private_data);
  return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
  .start = card_start,
  .stop = card_stop,
  .pointer = card_pointer,
  .transfer = card_transfer,
  .close = card_close,
  .hw_params = card_hw_params,
  .sw_params = card_sw_params,
  .prepare = card_prepare,
  .drain = card_drain,
  .poll_revents = card_poll_revents,
};

/* --- Opening ------------------------------------------------------------- */

/* The values of the ALSA configuration; the strings belong to it. */
struct settings {
  const char *file;
  const char *format;
  const char *control;
  long channels;
  long rate;
  long ppm;
  int loop;
};

/* 0, or a negative error number after a message. */
static int read_settings(const char *name, snd_config_t *conf, struct settings *settings) {
  snd_config_iterator_t i, next;
  snd_config_for_each(i, next, conf) {
    snd_config_t *entry = snd_config_iterator_entry(i);
    const char *key;
    int err;
    if (snd_config_get_id(entry, &key) < 0) continue;

    if (strcmp(key, "type") == 0 || strcmp(key, "hint") == 0 || strcmp(key, "comment") == 0) {
      continue; /* ALSA's own, allowed in every PCM */
    } else if (strcmp(key, "file") == 0) {
      err = snd_config_get_string(entry, &settings->file);
    } else if (strcmp(key, "format") == 0) {
      err = snd_config_get_string(entry, &settings->format);
    } else if (strcmp(key, "control") == 0) {
      err = snd_config_get_string(entry, &settings->control);
    } else if (strcmp(key, "channels") == 0) {
      err = snd_config_get_integer(entry, &settings->channels);
    } else if (strcmp(key, "rate") == 0) {
      err = snd_config_get_integer(entry, &settings->rate);
    } else if (strcmp(key, "ppm") == 0) {
      err = snd_config_get_integer(entry, &settings->ppm);
    } else if (strcmp(key, "loop") == 0) {
      err = settings->loop = snd_config_get_bool(entry);
    } else {
      SNDERR("affecttest: pcm.%s: unknown key '%s' (known: file, format, channels, rate, control, "
             "loop, ppm)", name, key);
      return -EINVAL;
    }
    if (err < 0) {
      SNDERR("affecttest: pcm.%s: '%s' has a value of the wrong type", name, key);
      return -EINVAL;
    }
  }
  return 0;
}

static int check_range(const char *name, const char *key, long value, long least, long most) {
  if (value >= least && value <= most) return 0;
  SNDERR("affecttest: pcm.%s: '%s' is missing or out of range (%ld to %ld)", name, key, least, most);
  return -EINVAL;
}

/* SND_PCM_FORMAT_UNKNOWN, after a message, where it is none of ours. */
static snd_pcm_format_t supported_format(const char *name, const char *text) {
  snd_pcm_format_t format = text ? snd_pcm_format_value(text) : SND_PCM_FORMAT_UNKNOWN;
  for (size_t i = 0; i < sizeof supported_formats / sizeof supported_formats[0]; i++)
    if (format == supported_formats[i]) return format;
  SNDERR("affecttest: pcm.%s: 'format' has to be S16_LE, S24_LE, S24_3LE, S32_LE or FLOAT_LE, "
         "not '%s'", name, text ? text : "");
  return SND_PCM_FORMAT_UNKNOWN;
}

/* Reads the file at once, so that nothing can go wrong with it later.  Bytes
 * after the last whole frame are left out; an empty file is silence. */
static int load_file(struct test_card *card, const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) < 0) {
    int err = -errno;
    SNDERR("affecttest: cannot open %s: %s", path, strerror(-err));
    if (fd >= 0) close(fd);
    return err;
  }
  if (!S_ISREG(status.st_mode)) {
    SNDERR("affecttest: %s is not a regular file", path);
    close(fd);
    return -EINVAL;
  }
  size_t size = (size_t)status.st_size;
  size_t length = 0;
  card->frames = malloc(size > 0 ? size : 1);
  if (!card->frames) {
    close(fd);
    return -ENOMEM;
  }
  while (length < size) {
    ssize_t count = read(fd, card->frames + length, size - length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      int err = -errno;
      SNDERR("affecttest: cannot read %s: %s", path, strerror(-err));
      close(fd);
      return err;
    }
    if (count == 0) break; /* it has become shorter */
    length += (size_t)count;
  }
  close(fd);
  card->frame_count = length / card->frame_bytes;
  return 0;
}

static int add_to_poll_set(const struct test_card *card, int fd) {
  struct epoll_event event = {.events = EPOLLIN};
  return epoll_ctl(card->poll_set, EPOLL_CTL_ADD, fd, &event);
}

static int create_descriptors(struct test_card *card) {
  card->poll_set = epoll_create1(EPOLL_CLOEXEC);
  card->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  bool failed = card->poll_set < 0 || card->timer < 0 || add_to_poll_set(card, card->timer) < 0;
  if (!failed && card->control_path) {
    card->watcher = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    failed = card->watcher < 0 || add_to_poll_set(card, card->watcher) < 0;
  }
  if (!failed) return 0;
  int err = -errno;
  SNDERR("affecttest: cannot create the poll descriptor: %s", strerror(-err));
  return err;
}

/* One format, one rate, one number of channels: the card converts nothing. */
static int set_constraints(struct test_card *card) {
  /* Memory-mapped access costs nothing here, and `type plug` works best on it. */
  const unsigned int accesses[] = {SND_PCM_ACCESS_RW_INTERLEAVED, SND_PCM_ACCESS_MMAP_INTERLEAVED};
  const unsigned int formats[] = {(unsigned int)card->format};
  const unsigned int bytes = (unsigned int)card->frame_bytes;
  snd_pcm_ioplug_t *io = &card->io;
  int err;
  if ((err = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 2, accesses)) < 0 ||
      (err = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, 1, formats)) < 0 ||
      (err = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS, card->channels,
                                             card->channels)) < 0 ||
      (err = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_RATE, card->rate,
                                             card->rate)) < 0 ||
      (err = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES,
                                             PERIOD_FRAMES_MIN * bytes,
                                             PERIOD_FRAMES_MAX * bytes)) < 0 ||
      (err = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_BUFFER_BYTES,
                                             PERIODS_MIN * PERIOD_FRAMES_MIN * bytes,
                                             BUFFER_FRAMES_MAX * bytes)) < 0 ||
      (err = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIODS, PERIODS_MIN,
                                             PERIODS_MAX)) < 0)
    return err;
  return 0;
}

/* Everything before ALSA knows of the card. */
static int set_up_card(struct test_card *card, const char *name, const struct settings *settings) {
  int err;
  if (!settings->file) {
    SNDERR("affecttest: pcm.%s: 'file' is missing", name);
    return -EINVAL;
  }
  if ((card->format = supported_format(name, settings->format)) == SND_PCM_FORMAT_UNKNOWN)
    return -EINVAL;
  if ((err = check_range(name, "channels", settings->channels, 1, CHANNELS_MAX)) < 0 ||
      (err = check_range(name, "rate", settings->rate, RATE_MIN, RATE_MAX)) < 0 ||
      (err = check_range(name, "ppm", settings->ppm, -DRIFT_PPM_MAX, DRIFT_PPM_MAX)) < 0)
    return err;

  struct control control = read_control(settings->control);
  if (control.word == CONTROL_GONE) return -ENODEV; /* no message: it is what was asked for */
  /* An overrun asked for before the opening was for an earlier handle. */
  card->last_serial = control.serial;

  card->channels = (unsigned int)settings->channels;
  card->rate = control.rate ? control.rate : (unsigned int)settings->rate;
  card->frames_per_ns = (double)card->rate * (1.0 + (double)settings->ppm * 1e-6) /
                        (double)NANOSECONDS_PER_SECOND;
  card->frame_bytes = (size_t)snd_pcm_format_physical_width(card->format) / 8 * card->channels;
  card->loop = settings->loop > 0;
  if (settings->control && !(card->control_path = strdup(settings->control))) return -ENOMEM;

  if ((err = load_file(card, settings->file)) < 0) return err;
  return create_descriptors(card);
}

SND_PCM_PLUGIN_DEFINE_FUNC(affecttest) {
  (void)root;
  if (stream != SND_PCM_STREAM_CAPTURE) {
    SNDERR("affecttest: pcm.%s: this is an input and cannot play", name);
    return -EINVAL;
  }
  struct settings settings = {0};
  int err = read_settings(name, conf, &settings);
  if (err < 0) return err;

  struct test_card *card = calloc(1, sizeof *card);
  if (!card) return -ENOMEM;
  card->timer = card->watcher = card->poll_set = -1;
  card->watch = WATCH_NONE;

  if ((err = set_up_card(card, name, &settings)) < 0) {
    free_card(card);
    return err;
  }
  card->io.version = SND_PCM_IOPLUG_VERSION;
  card->io.name = "affectd's test sound card";
  /* With BOUNDARY_WA the position is not folded into the buffer, so alsa-lib
   * cannot take a whole buffer's advance for none. */
  card->io.flags = SND_PCM_IOPLUG_FLAG_MONOTONIC | SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
  card->io.poll_fd = card->poll_set;
  card->io.poll_events = POLLIN;
  card->io.callback = &callbacks;
  card->io.private_data = card;
  if ((err = snd_pcm_ioplug_create(&card->io, name, stream, mode)) < 0) {
    free_card(card);
    return err;
  }
  if ((err = set_constraints(card)) < 0) {
    snd_pcm_ioplug_delete(&card->io); /* calls card_close */
    return err;
  }
  *pcmp = card->io.pcm;
  return 0;
}

SND_PCM_PLUGIN_SYMBOL(affecttest);
