#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Reads tags of a sound file with TagLib, and calls `visit` for each value of `keys` that is there, with the key's
/// number. Keys are those of TagLib's PropertyMap, such as ARTIST and MUSICBRAINZ_TRACKID. A text is UTF-8 of `length`
/// bytes and valid during the call. The file is not changed.
///
/// @returns whether TagLib knows the file at all.
bool affect_tags_read(
  const char *path, const char *const *keys, int key_count,
  void (*visit)(void *context, int key, const char *text, size_t length), void *context);

#ifdef __cplusplus
}
#endif
