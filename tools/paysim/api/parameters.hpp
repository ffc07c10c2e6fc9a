#pragma once

#include "tools/paysim/support/document.hpp"
#include "tools/paysim/support/form.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::paysim {

/// Hands the parameters of a call to an endpoint and throws api_error where one is not what it must be. An
/// endpoint asks for all it knows, then calls `done`, and only then does anything.
class parameters {
public:
  explicit parameters(const form_node& form, std::string path = {}) : form_(form), path_(std::move(path)) {}

  bool has(std::string_view name) const;
  /// Nothing when it is absent. An empty text is there: it unsets.
  std::optional<std::string> text(std::string_view name) const;
  std::string required_text(std::string_view name) const;
  std::optional<std::int64_t> integer(std::string_view name) const;
  std::int64_t required_integer(std::string_view name) const;
  std::optional<bool> boolean(std::string_view name) const;
  std::optional<std::string> choice(std::string_view name, std::initializer_list<std::string_view> of) const;
  std::optional<parameters> object(std::string_view name) const;
  std::vector<parameters> list(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;

  /// Sets what `metadata` names in the document's, and removes what it names with an empty text.
  void merge_metadata(document& into, std::string_view name = "metadata") const;
  /// Copies what is there into the document as it is, an empty text as null.
  void copy_texts(document& into, std::initializer_list<std::string_view> names) const;
  /// An object of texts, such as an address: its members, null where they are absent.
  json::value text_object(std::string_view name, std::initializer_list<std::string_view> members) const;

  /// Known, and without effect here.
  void ignore(std::initializer_list<std::string_view> names) const;
  /// Throws `parameter_unknown` for what nobody asked for.
  void done() const;
  std::string name_of(std::string_view name) const;

private:
  const form_node* take(std::string_view name) const;

  const form_node& form_;
  std::string path_;
};

} // namespace tessera::paysim
