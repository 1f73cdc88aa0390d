#define _XOPEN_SOURCE 700
#define NCURSES_WIDECHAR 1
#include "screen.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#define STYLE_LIMIT 32

static SCREEN *screen;
static attr_t attributes[STYLE_LIMIT];
static short pairs[STYLE_LIMIT];

// What an end out of order writes: made before, since a handler may do next to nothing.
static char restoring[256];
static size_t restoring_count;
static struct termios found;
static bool has_found;
static const int ends[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS,
                           // These only where the program has no handler of its own.
                           SIGINT, SIGTERM, SIGHUP, SIGQUIT};
#define END_COUNT (sizeof ends / sizeof *ends)
#define CRASH_COUNT 7
static struct sigaction before[END_COUNT];

static int keep(int byte) {
  if (restoring_count < sizeof restoring) restoring[restoring_count++] = (char)byte;
  return byte;
}

static void keep_capability(const char *name) {
  char *text = tigetstr((char *)name);
  if (text && text != (char *)-1) tputs(text, 1, keep);
}

void affectd_screen_restore(void) {
  if (!screen) return;
  if (write(STDOUT_FILENO, restoring, restoring_count) < 0) {
  }
  if (has_found) tcsetattr(STDIN_FILENO, TCSANOW, &found);
}

static void on_end(int number) {
  affectd_screen_restore();
  // What was to happen before comes next.
  for (size_t index = 0; index < END_COUNT; index++)
    if (ends[index] == number) sigaction(number, &before[index], NULL);
  raise(number);
}

static void watch(void) {
  struct sigaction action = {.sa_handler = on_end};
  for (size_t index = 0; index < END_COUNT; index++)
    if (index < CRASH_COUNT || before[index].sa_handler == SIG_DFL) sigaction(ends[index], &action, NULL);
}

int affectd_screen_begin(bool wants_color, const struct affectd_style *styles, int style_count) {
  has_found = tcgetattr(STDIN_FILENO, &found) == 0;
  // Looked at first: ncurses has handlers of its own.
  for (size_t index = 0; index < END_COUNT; index++) sigaction(ends[index], NULL, &before[index]);
  screen = newterm(NULL, stdout, stdin);
  if (!screen) return -1;
  if (!tigetstr("cup") || tigetstr("cup") == (char *)-1) {
    affectd_screen_end();
    return -1;
  }
  restoring_count = 0;
  static const char *const names[] = {"sgr0", "rmkx", "cnorm", "rmcup"};
  for (size_t index = 0; index < sizeof names / sizeof *names; index++) keep_capability(names[index]);
  watch();
  cbreak();
  noecho();
  nonl();
  curs_set(0);
  nodelay(stdscr, true);
  keypad(stdscr, true);
  set_escdelay(25);
  bool has_color = wants_color && has_colors() && start_color() == OK;
  if (has_color) use_default_colors();
  for (int index = 0; index < style_count && index < STYLE_LIMIT; index++) {
    attributes[index] = (styles[index].is_bold ? A_BOLD : 0) | (styles[index].is_reversed ? A_REVERSE : 0);
    // Faint is seldom readable in colour, where grey serves.
    if (styles[index].is_faint && !has_color) attributes[index] |= A_DIM;
    pairs[index] = 0;
    int color = has_color ? (COLORS >= 256 ? styles[index].color_256 : styles[index].color_8) : -1;
    if (color >= COLORS) color = -1;
    if (color >= 0 && init_pair((short)(index + 1), (short)color, -1) == OK) pairs[index] = (short)(index + 1);
  }
  return has_color ? COLORS : 0;
}

void affectd_screen_end(void) {
  if (!screen) return;
  // Where there is one screen only, nothing is left on it.
  char *leave = tigetstr("rmcup");
  if (!leave || leave == (char *)-1) {
    erase();
    refresh();
  }
  endwin();
  if (has_found) tcsetattr(STDIN_FILENO, TCSANOW, &found);
  for (size_t index = 0; index < END_COUNT; index++) {
    struct sigaction now;
    if (sigaction(ends[index], NULL, &now) == 0 && now.sa_handler == on_end)
      sigaction(ends[index], &before[index], NULL);
  }
  delscreen(screen);
  screen = NULL;
}

int affectd_screen_width(void) { return getmaxx(stdscr); }
int affectd_screen_height(void) { return getmaxy(stdscr); }

void affectd_screen_put(int row, int column, int style, const char *text) {
  attr_set(attributes[style], pairs[style], NULL);
  mvaddstr(row, column, text);
}

void affectd_screen_show(bool is_whole) {
  if (is_whole) clearok(stdscr, true);
  refresh();
}

int affectd_screen_key(void) {
  int key = getch();
  switch (key) {
    case ERR: return affectd_key_none;
    case KEY_RESIZE: return affectd_key_resize;
    case KEY_BACKSPACE:
    case 8: return affectd_key_backspace;
    case KEY_ENTER:
    case 13: return affectd_key_enter;
    default: return key < 256 ? key : 0;
  }
}

bool affectd_locale_is_utf8(void) {
  const char *wanted = getenv("LC_ALL");
  if (!wanted || !*wanted) wanted = getenv("LC_CTYPE");
  if (!wanted || !*wanted) wanted = getenv("LANG");
  // A language that is not installed here, as over ssh, still says how characters are written.
  if (!setlocale(LC_CTYPE, "") && wanted && (strstr(wanted, "UTF-8") || strstr(wanted, "utf8")))
    setlocale(LC_CTYPE, "C.UTF-8");
  return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

int affectd_character_width(unsigned int scalar) { return wcwidth((wchar_t)scalar); }
