#pragma once

#include "messages/changes.hpp"
#include "messages/users.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Tenants: settings, branding, policies (shapes.md `Tenants and policies`).
namespace tessera {

/// Empty text: not said.
struct tenant_branding {
  std::string display_name;
  std::string logo_url;
  std::string primary_color;
  std::string from_name;
  std::string public_base_url;

  friend bool operator==(const tenant_branding&, const tenant_branding&) = default;
};

struct quiet_hours {
  std::string from = "21:00";
  std::string to = "08:00";
  bool invitations = false;

  friend bool operator==(const quiet_hours&, const quiet_hours&) = default;
};

struct policy_settings {
  bool manages_credits = false;
  bool approve_tenant_admin = false;
  std::vector<std::string> allowed_email_domains; // empty: any
  std::optional<std::int64_t> seat_limit;         // nothing: none
  bool peer_org_admins = false;
  bool floating_users = false;
  std::string on_inviter_change = "cancel";
  bool expose_token_to_inviter = true;
  std::vector<std::string> sms_countries{"IN", "US", "GB"};
  quiet_hours quiet;

  friend bool operator==(const policy_settings&, const policy_settings&) = default;
};

struct tenant_view {
  tenant_id tenant;
  std::string id;
  std::string name;
  std::string timezone;
  std::string currency;
  std::string plan;
  tenant_branding branding;
  policy_settings policies;
  time_point created_at;
  std::int64_t version = 1; // of these settings
};

/// What is absent stays.
struct tenant_settings {
  std::optional<std::string> name;
  std::optional<std::string> timezone;
  std::optional<std::string> currency;
  std::optional<std::string> plan;
  std::optional<tenant_branding> branding; // as it will be
  std::optional<policy_settings> policies; // likewise
};

/// Answered by result<tenant_view>. Rejections: tenant_unknown.
struct tenant_query {
  tenant_id tenant;
};

/// Across tenants: the operator's. By id, from `after` on.
struct list_tenants {
  int limit = 50;
  std::optional<std::string> after;
};
struct tenant_page {
  std::vector<tenant_view> tenants;
  bool more = false;
};

/// Makes a tenant, its account and its first administrator. Makes a tenant_created. Rejections: id_taken,
/// invalid_timezone.
struct create_tenant {
  tenant_id tenant;
  std::string id; // empty: one is made
  std::string name;
  std::string timezone = "UTC";
  std::string currency = "USD";
  std::string plan = "free";
  new_user admin; // its id is made
  change_origin origin;
};
struct tenant_created {
  std::string id;
  std::string admin_user;
};

/// `change` makes the settings out of those that are there, in the transaction. Makes a tenant_view.
/// Rejections: tenant_unknown, precondition_failed, invalid_timezone, and what `change` says.
struct edit_tenant {
  tenant_id tenant;
  std::function<result<tenant_settings>(const tenant_view& before)> change;
  seen_versions only_versions;
  change_origin origin;
};

} // namespace tessera
