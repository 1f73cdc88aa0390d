#pragma once
#include <stdbool.h>

/// The whole terminal as rows of cells, by ncurses (Debian's libncurses-dev), whose macros and variables Swift cannot
/// use.
/// One thread uses it. At a crash, and at a signal that ends the program, the terminal is left as it was found.

/// Keys that are no characters.
enum {
  affectd_key_none = -1,
  affectd_key_resize = -2,
  affectd_key_escape = 27,
  affectd_key_backspace = 127,
  affectd_key_enter = 10,
};

/// How cells look, from here on. `color_256` is an index of xterm's 256 colours, `color_8` one of the first eight; -1 is
/// the terminal's own colour.
struct affectd_style {
  int color_256;
  int color_8;
  bool is_bold;
  bool is_faint;
  bool is_reversed;
};

/// Takes the terminal over: standard output for cells and standard input for keys.
///
/// Returns the number of colours, 0 for none; -1 if the terminal is not known or cannot place a cursor.
int affectd_screen_begin(bool wants_color, const struct affectd_style *styles, int style_count);
/// Gives it back.
void affectd_screen_end(void);
/// Leaves the terminal as it was found, for a signal handler that ends the program: it does what signal-safety(7) allows.
void affectd_screen_restore(void);
int affectd_screen_width(void);
int affectd_screen_height(void);
/// Writes `text` (UTF-8, or ASCII where affectd_locale_is_utf8 says false) at a cell.
void affectd_screen_put(int row, int column, int style, const char *text);
/// Shows what was written since the last time. `is_whole`: after something else has written on the terminal.
void affectd_screen_show(bool is_whole);
/// The next key that was pressed, or one of the above.
int affectd_screen_key(void);

/// Takes over the language of the environment, and says whether its characters are UTF-8.
bool affectd_locale_is_utf8(void);
/// Cells that a character takes: 1 for most, 0 or less for what cannot be shown.
int affectd_character_width(unsigned int scalar);
