#include "tools/paysim/sandbox.hpp"

#include "tools/paysim/api/api_error.hpp"

namespace tessera::paysim {

namespace {

constexpr std::size_t most_events = 100'000; // what is older is forgotten, as the provider does after 30 days

} // namespace

sandbox::sandbox(sandbox_options given)
    : options(std::move(given)), clock(options.real_ms), luck(options.seed),
      hooks(options.hooks, clock, luck, documents) {}

document& sandbox::get(std::string_view kind, std::string_view id, std::string param, unsigned status) {
  auto* found = documents.find(kind, id);
  if (!found) throw no_such(kind, id, std::move(param), status);
  return *found;
}

void sandbox::emit(std::string_view type, const document& subject, document before) {
  ++changes;
  document data{{"object", shown(subject)}};
  if (!before.empty()) data["previous_attributes"] = std::move(before);
  document event{
      {"id", make_id("evt")},
      {"object", "event"},
      {"api_version", api_version},
      {"created", now()},
      {"data", std::move(data)},
      {"livemode", false},
      {"pending_webhooks", 0},
      {"request",
       {{"id", text_or_null(current.request)}, {"idempotency_key", text_or_null(current.idempotency_key)}}},
      {"type", type},
  };
  hooks.publish(documents.add(std::move(event)));
  documents.keep_last("event", most_events);
}

} // namespace tessera::paysim
