#include "CTagLib.h"

#include <taglib/fileref.h>
#include <taglib/tpropertymap.h>

bool affect_tags_read(
  const char *path, const char *const *keys, int key_count,
  void (*visit)(void *context, int key, const char *text, size_t length), void *context) {
  try {
    // Without the length of the audio, which we know better.
    TagLib::FileRef file(path, false);
    if (file.isNull() || file.file() == nullptr) return false;
    const TagLib::PropertyMap properties = file.file()->properties();
    for (int key = 0; key < key_count; key++) {
      const auto found = properties.find(TagLib::String(keys[key]));
      if (found == properties.end()) continue;
      for (const auto &value : found->second) {
        const std::string text = value.to8Bit(true);
        visit(context, key, text.data(), text.size());
      }
    }
    return true;
  } catch (...) {
    return false;
  }
}
