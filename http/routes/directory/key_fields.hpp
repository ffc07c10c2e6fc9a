#pragma once

#include "http/auth/caller.hpp"
#include "http/auth/idempotency.hpp"
#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "messages/key_management.hpp"

#include <optional>
#include <string>
#include <vector>

/// API keys in JSON, and what a caller may give to one.
namespace tessera::http {

std::optional<std::vector<std::string>> read_scopes(json::object& fields);
/// null: it does not expire. Nothing: not said.
std::optional<std::optional<time_point>> read_expiry(json::object& fields);

/// Why the caller can't give a key this much: a key never exceeds its creator (decision 0029). `bound_to`
/// null: it is bound to nothing.
std::optional<problem> why_not_give(
    const caller& who,
    const std::vector<std::string>& scopes,
    const directory_entity* bound_to,
    const std::string& application
);

void write_api_key(json::writer& out, const api_key_view& key);
kept_answer word_api_key(const api_key_view& key);

} // namespace tessera::http
