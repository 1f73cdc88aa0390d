#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a document is made of. After the members of a table and the elements of a list comes an end.
typedef enum {
  affect_toml_text,
  affect_toml_whole,
  affect_toml_number,
  affect_toml_boolean,
  affect_toml_date,
  affect_toml_list,
  affect_toml_table,
  affect_toml_end,
} affect_toml_kind;

typedef struct {
  affect_toml_kind kind;
  /// UTF-8 of `key_length` bytes, any of which may be 0; empty in lists. Valid during the call.
  const char *key;
  size_t key_length;
  /// Where the key stands, counted from 1; 0 in lists.
  unsigned line;
  /// Of a text: UTF-8 of `text_length` bytes. Valid during the call.
  const char *text;
  size_t text_length;
  /// Of a whole number, or 1 for true.
  int64_t whole;
  double number;
} affect_toml_item;

typedef struct {
  /// Counted from 1.
  unsigned line;
  /// What toml++ says, cut to the space.
  char text[512];
} affect_toml_error;

/// Reads a TOML document (toml.io, version 1.0.0) and calls `visit` for each of its items, in no particular order within
/// a table. What lies deeper than `depth` tables and lists is left out.
///
/// @returns whether the text is TOML; else `error` says why not, and `visit` is not called.
bool affect_toml_read(
  const char *text, size_t length, unsigned depth, void (*visit)(void *context, const affect_toml_item *item),
  void *context, affect_toml_error *error);

#ifdef __cplusplus
}
#endif
