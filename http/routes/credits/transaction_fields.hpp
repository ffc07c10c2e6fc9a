#pragma once

#include "http/json/writer.hpp"
#include "messages/entries.hpp"
#include "messages/transactions.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tessera::http {

/// What the reference of the entry is an id of; empty: it has none. Of a spend and an expiry it is what they
/// go back to, if anything: the hold that did not suffice, the hold or the reversal that gave back too late.
std::string_view reference_name(const entry& booked);

/// What people are told of a freeze or a grant; empty of all other entries.
std::string_view reason_of(const transaction& told);

/// The member `lots`. A lot that is not there yet has no id.
void write_lots(json::writer& out, const std::vector<slice>& slices);

/// 64 lower-case digits.
std::string to_hex(const digest& bytes);

} // namespace tessera::http
