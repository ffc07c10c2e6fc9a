#pragma once

#include "actors/providers/outgoing.hpp"
#include "messages/payments.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What Stripe says, as ours. Pure. Nothing that it says is believed to be there.
namespace tessera {

/// How a question to the provider went.
enum class provider_word : std::uint8_t {
  yes,          // it did what it was asked
  declined,     // the bank said no
  authenticate, // the payer has to be there
  refused,      // what was asked makes no sense to it
  unavailable,  // away, busy, or it does not know us: ask again with the same key
};

struct payment_answer {
  provider_word word = provider_word::unavailable;
  payment_news news;
  std::string code;  // of an error: theirs
  std::string param; // what it was about
};
payment_answer read_payment_answer(const outgoing_outcome& outcome);
payment_answer read_session_answer(const outgoing_outcome& outcome);

struct object_answer {
  provider_word word = provider_word::unavailable;
  std::string id;
  std::string status;
  std::string code;
  std::string message; // for people
};
object_answer read_object_answer(const outgoing_outcome& outcome);
/// What became of a refund of ours, from the list of all of its payment: `refused` when it was never made,
/// `unavailable` when the list does not tell.
object_answer read_refund_list(const outgoing_outcome& outcome, std::string_view refund_id);

/// A page of a customer's payments, the newest first, and what it says of the one for a purchase.
struct payment_search {
  bool good = false;
  std::optional<payment_news> news; // nothing: it is not among these
  std::string last;                 // where the next page begins
  bool more = false;
};
payment_search read_payment_list(const outgoing_outcome& outcome, std::string_view purchase_id);

struct method_answer {
  provider_word word = provider_word::unavailable;
  saved_method method; // without its entity
  std::string code;
  std::string param; // what an error was about
};
method_answer read_method_answer(const outgoing_outcome& outcome);

/// An event: nothing when it is none. `type` and `live` are its own words.
std::optional<provider_event> read_event(std::string payload);
/// What an event that was kept says.
payment_news news_of(const provider_event& event);

struct event_page {
  bool good = false;
  std::vector<provider_event> events; // the newest first
  bool more = false;
};
event_page read_event_page(const outgoing_outcome& outcome);

/// What a decline means, for people.
std::string_view words_for_decline(std::string_view code);

} // namespace tessera
