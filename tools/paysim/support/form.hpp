#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::paysim {

/// What a form says under one name: a text, or what stands in the brackets behind it.
struct form_node {
  std::string text;
  std::vector<std::pair<std::string, form_node>> members; // in the order in which they came
  mutable bool is_asked = false;                          // somebody knew what to do with it

  const form_node* find(std::string_view name) const;
};

/// Decodes `a=1&b[c]=2&d[]=3&e[0][f]=4` into `into`, beside what is there already. `[]` counts from 0. The
/// last of two texts of one name counts. Throws api_error where names or encodings are malformed, contradict
/// each other, or are too deep or too many.
void decode_form(std::string_view encoded, form_node& into);

/// The same for the same names and texts, in whatever order they came.
std::string canonical(const form_node& form);

} // namespace tessera::paysim
