#pragma once

#include "messages/changes.hpp"
#include "messages/notifications.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// How a tenant words what we say by default (contract 6; decision 0062).
namespace tessera {

/// Templates of one message: what is said in it, with places for its variables.
struct wording {
  std::string subject; // of mail
  std::string html;    // likewise
  std::string text;

  friend bool operator==(const wording&, const wording&) = default;
};

/// What a tenant's mails look like, beside their words (contract 6 `white label`).
struct mail_look {
  std::string organization;
  std::string logo_url;      // empty: none
  std::string primary_color; // `#rrggbb`, or empty
};

/// Which message, by which channel, in which language.
struct wording_place {
  std::string key;
  notification_channel channel = notification_channel::email;
  std::string locale;
};

struct worded_template {
  wording_place place;
  wording said;
  std::int64_t version = 0; // 0: the tenant has never worded it
  bool own = false;         // false: `said` is what is built in
  std::vector<std::string> variables;
  std::vector<std::string> required;
  std::string changed_by;
  std::optional<time_point> changed_at;
  mail_look look;
};

/// What is built in, in English, and every wording of the tenant's. Answered by result<template_list>.
struct list_templates {
  tenant_id tenant;
};
struct template_list {
  std::vector<worded_template> templates;
};

/// What is said there. Answered by result<worded_template>. Rejections: template_unknown.
struct template_query {
  tenant_id tenant;
  wording_place place;
};
/// Every version there was, the youngest first. Answered by result<template_list>. Rejections:
/// template_unknown.
struct template_versions_query {
  tenant_id tenant;
  wording_place place;
};

/// From now on the tenant says that; nothing: what is built in. Makes a worded_template, a version of its
/// own. Rejections: template_unknown (also when there is nothing to take back), precondition_failed.
struct word_template {
  tenant_id tenant;
  wording_place place;
  std::optional<wording> said;
  seen_versions only_versions;
  change_origin origin;
};

/// Sends what is said there to one address, with made up values. Makes a test_message. Rejections:
/// template_unknown.
struct test_template {
  tenant_id tenant;
  wording_place place;
  std::string to;
  change_origin origin;
};
struct test_message {
  uuid id; // of the notification
};

/// Why a wording can't be used: the field and the rule.
struct wording_refusal {
  std::string field; // empty: it can
  std::string reason;
};

} // namespace tessera
