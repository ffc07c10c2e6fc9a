#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tessera::http {

/// A password that somebody wants to set.
struct new_password {
  std::string text;      // in the form that is hashed
  std::string_view flaw; // the code of a 422; empty: it may be set
};

/// `known` is what others know of its owner (actors/domain/password_policy.hpp).
new_password judge_password(std::string_view given, const std::vector<std::string>& known);

} // namespace tessera::http
