#pragma once

#include "messages/payments.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What becomes of a purchase that is paid with money (R-C 3.6): pure, so that every order of news can be
/// tried. News move a purchase forward only, and in whatever order they come the end is the same.
namespace tessera {

struct payment_change {
  payment_record after;
  bool settles = false;    // the money is there: an inbox row is to bring the credits
  std::string quarantined; // why the news are not believed; nothing else changed but perhaps the status
};

payment_change after(payment_record before, const payment_news& news);

/// Another amount was paid than it costs, and is not back: a person may say that it is enough. Money of
/// another currency can't be counted against the price: it is given back where it was paid.
bool may_be_accepted(const payment_record& record);
/// A person has said so.
bool was_accepted(const payment_record& record);

/// The bank wants the payer, or we gave the attempt up ourselves for that: a page follows, and nothing ended.
/// None follows what nobody is there for.
bool page_follows(const payment_record& record, const payment_news& news);

/// The amount as the provider wants it, or nothing where it can't be charged exactly: ISK and UGX are sent
/// with two decimals that are zero, and of three decimals the last must be zero (R-C 3.11).
std::optional<std::int64_t> provider_amount(std::int64_t minor, std::string_view currency);
/// And back.
std::int64_t amount_of_provider(std::int64_t provider_minor, std::string_view currency);

} // namespace tessera
