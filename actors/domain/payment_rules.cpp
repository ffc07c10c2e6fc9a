#include "actors/domain/payment_rules.hpp"

#include "messages/types/money.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace tessera {

namespace {

using kind = payment_news::kind;

void fill(std::string& field, const std::string& said) {
  if (!said.empty()) field = said;
}

/// An attempt that was given up says nothing of the one that followed it.
bool is_about_another(const std::string& known, const std::string& said) {
  return !known.empty() && !said.empty() && known != said;
}

bool is_open(const payment_record& record) {
  return record.status == "pending" && !record.settled;
}

std::string mismatch(const payment_record& record, const payment_news& news) {
  if (news.currency != record.currency) return "currency_mismatch";
  if (news.amount_minor != record.amount_minor) return "amount_mismatch";
  return {};
}

/// What was paid for it is not what it costs.
bool has_other_money(const payment_record& record) {
  return !record.settled && record.paid_minor > 0;
}

/// Somebody looks at what was paid.
bool is_looked_at(const payment_record& record) {
  return !record.settled && record.status == "review" &&
         (record.failure_code == "amount_mismatch" || record.failure_code == "currency_mismatch");
}

/// It is looked at while there is some of it, and over once all of it went back, whichever was told first.
void judge_other_money(payment_record& record) {
  if (!has_other_money(record)) return;
  const bool is_back = record.refund_seen_minor >= record.paid_minor;
  record.status = is_back ? "canceled" : "review";
  record.failure_message = is_back ? "What was paid was given back." : "";
}

/// What was known of the money of an earlier payment says nothing of this one's.
void turn_to(payment_record& record, const std::string& payment) {
  if (is_about_another(record.payment_id, payment)) {
    record.charge_id.clear();
    record.paid_minor = record.refund_seen_minor = 0;
  }
  fill(record.payment_id, payment);
}

/// A payment that does not fit. While another one is looked at it is only told.
void take_other_money(payment_record& record, const payment_news& news, const std::string& why) {
  if (is_looked_at(record) && is_about_another(record.payment_id, news.payment_id)) return;
  turn_to(record, news.payment_id);
  fill(record.charge_id, record.charge_id.empty() ? news.charge_id : std::string());
  record.status = "review";
  record.failure_code = why;
  record.paid_minor = std::max<std::int64_t>(0, news.amount_minor);
  judge_other_money(record);
}

/// Whatever was believed of it before: the money is there.
void succeed(payment_change& change, const payment_news& news) {
  auto& record = change.after;
  if (record.settled) {
    if (is_about_another(record.payment_id, news.payment_id)) {
      change.quarantined = "paid_twice";
      return;
    }
    fill(record.charge_id, record.charge_id.empty() ? news.charge_id : std::string());
    if (news.session_id == record.session_id) record.checkout_url.clear();
    return;
  }
  if (auto wrong = mismatch(record, news); !wrong.empty()) {
    take_other_money(record, news, wrong);
    change.quarantined = std::move(wrong);
    return;
  }
  change.settles = record.settled = true;
  record.status = "pending"; // until the account has them
  record.failure_code.clear();
  record.failure_message.clear();
  // Who accepts what does not fit names no payment: what was paid stays known.
  turn_to(record, news.payment_id);
  if (!news.payment_id.empty()) record.paid_minor = 0;
  fill(record.charge_id, news.charge_id);
  fill(record.session_id, news.session_id);
  if (!news.session_id.empty()) record.checkout_url.clear(); // it was paid there: nothing of it is left
}

/// On a page the payer may try again until it is over.
void fail(payment_record& record, const payment_news& news) {
  const bool final_for_page = news.state == "final";
  if (!is_open(record) || page_follows(record, news)) return;
  if (record.session_id.empty() && is_about_another(record.payment_id, news.payment_id)) return;
  fill(record.failure_code, news.failure_code);
  fill(record.failure_message, news.failure_message);
  if (record.session_id.empty() || final_for_page) record.status = "failed";
}

void wait(payment_record& record, const payment_news& news) {
  if (!is_open(record)) return;
  if (record.refund_seen_minor == 0) fill(record.payment_id, news.payment_id);
  fill(record.session_id, news.session_id);
  fill(record.checkout_url, news.checkout_url);
  fill(record.client_secret, news.client_secret);
  if (!record.session_id.empty()) record.client_secret.clear(); // of the attempt before the page
}

/// A page that is over ends by itself, whatever becomes of its payment.
void end(payment_record& record, const payment_news& news) {
  if (!is_open(record) || page_follows(record, news)) return;
  if (news.what == kind::canceled) {
    if (record.session_id.empty() && !is_about_another(record.payment_id, news.payment_id))
      record.status = "canceled";
    return;
  }
  if (is_about_another(record.session_id, news.session_id)) return;
  record.status = "expired";
  record.failure_message = "It was not paid in time.";
}

/// Money that went back, of a payment that is not the one which brought the credits, or that can't be
/// counted.
std::string foreign(const payment_record& record, const payment_news& news) {
  // Of what has not brought credits, all or not all is known in any currency.
  const bool is_known = news.what == kind::refunded && !record.settled;
  if (!is_known && !news.currency.empty() && news.currency != record.currency) return "currency_mismatch";
  if (news.amount_minor < 0 || news.refunded_minor < 0) return "amount_mismatch";
  if (!record.settled) return {};
  const bool names_payment = !record.payment_id.empty() && !news.payment_id.empty();
  const bool is_other = names_payment ? record.payment_id != news.payment_id
                                      : is_about_another(record.charge_id, news.charge_id);
  return is_other ? "other_payment" : std::string();
}

void go_back(payment_change& change, const payment_news& news) {
  auto& record = change.after;
  change.quarantined = foreign(record, news);
  if (!change.quarantined.empty() || news.what != kind::refunded) return;
  if (!record.settled) {
    // A payment that is looked at is not the one that this is of.
    if (has_other_money(record) && is_about_another(record.payment_id, news.payment_id)) return;
    turn_to(record, news.payment_id);
    if (is_looked_at(record) && record.paid_minor == 0) record.paid_minor = news.amount_minor; // older rows
  }
  if (news.refunded_minor > record.refund_seen_minor) record.refund_seen_minor = news.refunded_minor;
  fill(record.charge_id, record.charge_id.empty() ? news.charge_id : std::string());
  judge_other_money(record);
}

} // namespace

bool may_be_accepted(const payment_record& record) {
  return is_looked_at(record) && record.failure_code == "amount_mismatch";
}

bool was_accepted(const payment_record& record) {
  return record.settled && record.paid_minor > 0;
}

bool page_follows(const payment_record& record, const payment_news& news) {
  if (!record.session_id.empty() || !record.origin.empty() || news.state == "final") return false;
  return (news.what == kind::failed && news.failure_code == "authentication_required") ||
         (news.what == kind::canceled && news.failure_code == "abandoned");
}

payment_change after(payment_record before, const payment_news& news) {
  payment_change change{std::move(before), false, {}};
  auto& record = change.after;
  switch (news.what) {
  case kind::succeeded: succeed(change, news); break;
  case kind::failed: fail(record, news); break;
  case kind::waiting: wait(record, news); break;
  case kind::canceled:
  case kind::expired: end(record, news); break;
  case kind::refunded:
  case kind::refund:
  case kind::dispute: go_back(change, news); break;
  case kind::nothing: break;
  }
  return change;
}

std::optional<std::int64_t> provider_amount(std::int64_t minor, std::string_view currency) {
  if (currency == "ISK" || currency == "UGX") {
    if (minor > std::numeric_limits<std::int64_t>::max() / 100) return std::nullopt;
    return minor * 100;
  }
  if (exponent_of(currency) == 3 && minor % 10 != 0) return std::nullopt;
  return minor;
}

std::int64_t amount_of_provider(std::int64_t provider_minor, std::string_view currency) {
  const bool has_two_more = currency == "ISK" || currency == "UGX";
  // What is no whole unit is no amount that we ever asked for.
  if (has_two_more) return provider_minor % 100 == 0 ? provider_minor / 100 : -1;
  return provider_minor;
}

} // namespace tessera
