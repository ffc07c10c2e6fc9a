#include "actors/database/wording_changes.hpp"

#include "actors/domain/message_templates.hpp"
#include "persistence/stores/change_store.hpp"
#include "persistence/stores/wording_store.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

namespace {

constexpr std::string_view built_in_locale = "en";

wording wording_of(const message_template& text) {
  return {text.subject, text.html, text.text};
}
message_template template_of(const wording& said) {
  return {said.subject, said.html, said.text};
}

worded_template described(const template_kind& kind, std::string locale) {
  worded_template one;
  one.place = {std::string(kind.key), kind.channel, std::move(locale)};
  one.said = wording_of(kind.built_in);
  one.variables.assign(kind.variables.begin(), kind.variables.end());
  one.required.assign(kind.required.begin(), kind.required.end());
  return one;
}

worded_template described(const template_kind& kind, const persistence::stored_wording& stored) {
  auto one = described(kind, stored.place.locale);
  one.version = stored.version;
  one.own = !stored.withdrawn;
  one.changed_by = stored.changed_by;
  one.changed_at = stored.changed_at;
  if (one.own) one.said = stored.said;
  return one;
}

/// What recipients with that language are told: where the tenant has no words of its own there, those of the
/// next wider language.
void say_as_sent(pg::transaction& in, const tenant_id& tenant, worded_template& one) {
  if (one.own) return;
  if (auto said = persistence::nearest_wording(in, tenant, one.place, locales_of(one.place.locale)))
    one.said = std::move(*said);
}

} // namespace

template_list templates_of(pg::transaction& in, const list_templates& query) {
  const auto own = persistence::wordings_of(in, query.tenant);
  template_list all;
  for (const auto& kind : template_kinds()) {
    const auto first = all.templates.size();
    for (const auto& stored : own)
      if (!stored.withdrawn && stored.place.key == kind.key && stored.place.channel == kind.channel)
        all.templates.push_back(described(kind, stored));
    const bool replaces = std::any_of(
        all.templates.begin() + static_cast<std::ptrdiff_t>(first),
        all.templates.end(),
        [](const worded_template& one) { return one.place.locale == built_in_locale; }
    );
    if (!replaces) all.templates.push_back(described(kind, std::string(built_in_locale)));
  }
  return all;
}

result<worded_template> find_template(pg::transaction& in, const template_query& query) {
  const auto* kind = find_template_kind(query.place.key, query.place.channel);
  if (!kind) return errc::template_unknown;
  const auto stored = persistence::last_wording(in, query.tenant, query.place);
  auto found = stored ? described(*kind, *stored) : described(*kind, query.place.locale);
  say_as_sent(in, query.tenant, found);
  found.look = persistence::look_of(in, query.tenant);
  return found;
}

result<template_list> versions_of(pg::transaction& in, const template_versions_query& query) {
  const auto* kind = find_template_kind(query.place.key, query.place.channel);
  if (!kind) return errc::template_unknown;
  template_list all;
  for (const auto& stored : persistence::wording_versions(in, query.tenant, query.place))
    all.templates.push_back(described(*kind, stored));
  return all;
}

result<worded_template> carry_out(pg::transaction& in, const word_template& command) {
  const auto* kind = find_template_kind(command.place.key, command.place.channel);
  if (!kind) return errc::template_unknown;
  persistence::lock_wording(in, command.tenant, command.place);
  const auto last = persistence::last_wording(in, command.tenant, command.place);
  const auto version = last ? last->version : 0;
  if (const auto stale = persistence::check_version(command.only_versions, version); stale != errc::ok)
    return stale;
  if (!command.said && (!last || last->withdrawn)) return errc::template_unknown;
  auto made = described(*kind, persistence::insert_wording(in, command, version + 1));
  say_as_sent(in, command.tenant, made);
  return made;
}

result<test_message> carry_out(pg::transaction& in, const test_template& command) {
  const auto* kind = find_template_kind(command.place.key, command.place.channel);
  if (!kind) return errc::template_unknown;
  return test_message{persistence::insert_test_message(in, command.place, command.to, sample_of(*kind))};
}

wording_refusal refusal_of(const wording_place& place, const wording& said) {
  const auto* kind = find_template_kind(place.key, place.channel);
  if (!kind) return {};
  auto flaw = flaw_of(*kind, template_of(said));
  return {std::string(flaw.field), std::move(flaw.reason)};
}

std::optional<std::vector<std::string>> variables_of(const wording_place& place) {
  const auto* kind = find_template_kind(place.key, place.channel);
  if (!kind) return std::nullopt;
  return std::vector<std::string>(kind->variables.begin(), kind->variables.end());
}

wording preview_of(
    const wording_place& place,
    const wording& said,
    const std::optional<template_variables>& values,
    const mail_look& look
) {
  const auto* kind = find_template_kind(place.key, place.channel);
  if (!kind) return {};
  return wording_of(render(template_of(said), place.channel, values ? *values : example_of(*kind), look));
}

} // namespace tessera
