// toml++ (Debian's libtomlplusplus-dev) behind C. Its assertions abort over `[[[`; without them the same place gives an
// error. Nothing here may define NDEBUG, with which they become promises to the compiler.
#undef NDEBUG
#define TOML_ASSERT(expression) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
// More than anybody needs, less than the stack holds.
#define TOML_MAX_NESTED_VALUES 64

#include "CTOML.h"

#include <toml++/toml.h>

#include <cstring>
#include <utility>
#include <vector>

namespace {

struct Visitor {
  void (*visit)(void *, const affect_toml_item *);
  void *context;

  void go(const toml::node &node, const toml::key *key, unsigned depth) const {
    affect_toml_item item = {};
    if (key) {
      item.key = key->str().data();
      item.key_length = key->str().size();
      item.line = key->source().begin.line;
    }
    if (auto text = node.as_string()) {
      item.kind = affect_toml_text;
      item.text = text->get().data();
      item.text_length = text->get().size();
    } else if (auto whole = node.as_integer()) {
      item.kind = affect_toml_whole;
      item.whole = whole->get();
    } else if (auto number = node.as_floating_point()) {
      item.kind = affect_toml_number;
      item.number = number->get();
    } else if (auto boolean = node.as_boolean()) {
      item.kind = affect_toml_boolean;
      item.whole = boolean->get();
    } else {
      item.kind = node.is_array() ? affect_toml_list : node.is_table() ? affect_toml_table : affect_toml_date;
    }
    visit(context, &item);
    if (item.kind != affect_toml_list && item.kind != affect_toml_table) return;
    if (depth > 0) {
      if (auto list = node.as_array())
        for (auto &element : *list) go(element, nullptr, depth - 1);
      else
        members(*node.as_table(), depth - 1);
    }
    item.kind = affect_toml_end;
    visit(context, &item);
  }

  void members(const toml::table &table, unsigned depth) const {
    for (auto &&[key, value] : table) go(value, &key, depth);
  }
};

/// Takes a document apart level by level: a key of 100,000 parts makes as many tables inside one another, and freeing
/// them from outside would call itself as often.
void dismantle(toml::table &&document) {
  std::vector<toml::table> tables;
  std::vector<toml::array> lists;
  auto take = [&](toml::node &node) {
    if (auto table = node.as_table()) tables.push_back(std::move(*table));
    if (auto list = node.as_array()) lists.push_back(std::move(*list));
  };
  tables.push_back(std::move(document));
  while (!tables.empty() || !lists.empty()) {
    if (!tables.empty()) {
      auto table = std::move(tables.back());
      tables.pop_back();
      for (auto &&[key, value] : table) take(value);
    } else {
      auto list = std::move(lists.back());
      lists.pop_back();
      for (auto &element : list) take(element);
    }
  }
}

}  // namespace

bool affect_toml_read(
  const char *text, size_t length, unsigned depth, void (*visit)(void *context, const affect_toml_item *item),
  void *context, affect_toml_error *error) {
  auto result = toml::parse(std::string_view(text, length));
  if (!result) {
    auto description = result.error().description();
    error->line = result.error().source().begin.line;
    auto count = std::min(description.size(), sizeof error->text - 1);
    std::memcpy(error->text, description.data(), count);
    error->text[count] = 0;
    return false;
  }
  Visitor{visit, context}.members(result.table(), depth);
  dismantle(std::move(result).table());
  return true;
}
